package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;

/// What a VirtualService may ask of a request besides path, headers and query.
public sealed interface RequestCondition {
  boolean holds(Head head, RouteClient client);

  /// No header of that name has such a value. A missing one counts as empty, but not as present.
  record Without(ValueMatch.OfHeader header) implements RequestCondition {
    @Override
    public boolean holds(Head head, RouteClient client) {
      return head.has(header.name())
          ? !header.matches(head)
          : header.value() instanceof ValueMatch.Present || !header.value().matches("");
    }
  }

  /// On `:authority`, or `Host` of HTTP/1.1.
  record Authority(ValueMatch value) implements RequestCondition {
    @Override
    public boolean holds(Head head, RouteClient client) {
      return value.matches(head, head.authority());
    }
  }

  record Method(ValueMatch value) implements RequestCondition {
    @Override
    public boolean holds(Head head, RouteClient client) {
      return value.matches(head, head.method());
    }
  }

  /// The request comes in clear text inside the tunnel: its scheme is what the client says it was.
  record Scheme(ValueMatch value) implements RequestCondition {
    @Override
    public boolean holds(Head head, RouteClient client) {
      int forwarded = head.find(HeaderName.X_FORWARDED_PROTO, 0);
      return forwarded < 0 ? value.matches("http") : value.matches(head, head.value(forwarded));
    }
  }

  record Client(ClientMatch match) implements RequestCondition {
    @Override
    public boolean holds(Head head, RouteClient client) {
      return match.holds(client);
    }
  }
}
