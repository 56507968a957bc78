package dev.kiri.waypoint.route;

import com.google.re2j.Pattern;
import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.Span;
import org.jspecify.annotations.Nullable;

/// A condition on one text: a header's value or a query parameter's.
public sealed interface ValueMatch {
  boolean matches(Head head, long span);

  boolean matches(String value);

  record Exact(ByteText value) implements ValueMatch {
    public static Exact of(String value) {
      return new Exact(ByteText.of(value));
    }

    @Override
    public boolean matches(Head head, long span) {
      return head.is(span, value);
    }

    @Override
    public boolean matches(String other) {
      return other.equals(value.toString());
    }
  }

  /// Must match the whole value, RE2 syntax.
  record Regex(Pattern pattern) implements ValueMatch {
    @Override
    public boolean matches(Head head, long span) {
      return pattern.matches(head.text(span));
    }

    @Override
    public boolean matches(String other) {
      return pattern.matches(other);
    }
  }

  record Prefix(ByteText value) implements ValueMatch {
    public static Prefix of(String value) {
      return new Prefix(ByteText.of(value));
    }

    @Override
    public boolean matches(Head head, long span) {
      return head.begins(span, value);
    }

    @Override
    public boolean matches(String other) {
      return other.startsWith(value.toString());
    }
  }

  /// Any value.
  record Present() implements ValueMatch {
    @Override
    public boolean matches(Head head, long span) {
      return true;
    }

    @Override
    public boolean matches(String other) {
      return true;
    }
  }

  /// A header of that name whose value matches; several lines count as one, joined by `,`.
  record OfHeader(HeaderName name, ValueMatch value) {
    boolean matches(Head head) {
      int first = head.find(name, 0);
      if (first < 0) {
        return false;
      }
      if (head.find(name, first + 1) < 0) {
        return value.matches(head, head.value(first));
      }
      @Nullable String joined = head.get(name);
      return joined != null && value.matches(joined);
    }
  }

  /// The first query parameter of that name, percent-decoded.
  record OfQuery(String name, ValueMatch value) {
    boolean matches(Head head) {
      long found = QueryParameters.first(head, name);
      if (found == Span.NONE) {
        return false;
      }
      return QueryParameters.isPlain(head, found)
          ? value.matches(head, found)
          : value.matches(QueryParameters.decode(head, found));
    }
  }
}
