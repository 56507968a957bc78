package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.policy.ClientIdentity;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.ValueFormat;
import dev.kiri.waypoint.route.ValueFormat.Variable;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// What variables in headers' values stand for at one request. Addresses are those of the client's
/// pod and of what it dialled, identities what the tunnel has proven.
record HeaderVariables(
    Client client, Destination destination, String ownIdentity, Head head, @Nullable HttpRule rule)
    implements ValueFormat.Variables {
  @Override
  public String value(Variable variable, String argument) {
    return switch (variable) {
      case DOWNSTREAM_REMOTE_ADDRESS -> NetUtil.toSocketAddressString(client.address());
      case DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT -> host(client.address());
      case DOWNSTREAM_REMOTE_PORT -> String.valueOf(client.address().getPort());
      case DOWNSTREAM_LOCAL_ADDRESS -> NetUtil.toSocketAddressString(destination.address());
      case DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT -> host(destination.address());
      case DOWNSTREAM_LOCAL_PORT -> String.valueOf(destination.port());
      case DOWNSTREAM_PEER_URI_SAN -> {
        ClientIdentity proven = client.identity();
        yield proven == null ? "-" : proven.id().uri();
      }
      case DOWNSTREAM_LOCAL_URI_SAN -> ownIdentity;
      case ROUTE_NAME -> {
        HttpRule known = rule;
        yield known == null ? "-" : known.name().text();
      }
      case START_TIME -> Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
      case REQ -> field(argument);
    };
  }

  private static String host(InetSocketAddress address) {
    return address.getAddress() == null
        ? address.getHostString()
        : NetUtil.toAddressString(address.getAddress());
  }

  private String field(String name) {
    String value =
        switch (name) {
          case ":method" -> head.text(head.method());
          case ":path" -> head.target();
          case ":authority", "host" -> head.text(head.authority());
          default -> head.get(HeaderName.of(name));
        };
    return value == null ? "-" : value;
  }
}
