package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.RouteObject.ParentRef;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.RouteParent;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What clients address and what routes lead to: a Service, or hosts of a ServiceEntry.
///
/// @param hostnames of a ServiceEntry those that it has; at least one
record Frontend(
    Kind kind, String namespace, String name, List<String> hostnames, List<Port> ports) {
  /// One port and the protocol declared for it.
  record Port(String name, int number, Protocol protocol) {}

  String path() {
    return namespace + "/" + name;
  }

  /// As indexes of routes name their parents.
  String reference() {
    return kind.kindName() + "/" + path();
  }

  Optional<Port> port(int number) {
    return ports.stream().filter(p -> p.number() == number).findFirst();
  }

  /// The port meant by a number and a name, either of which may be absent: 0 for all ports, null
  /// for none.
  @Nullable Integer port(@Nullable Integer number, @Nullable String section) {
    if (number == null && section == null) {
      return 0;
    }
    for (Port port : ports) {
      if ((number == null || port.number() == number)
          && (section == null || port.name().equals(section))) {
        return port.number();
      }
    }
    return null;
  }

  /// The ports that the parents of a route cover: 0 for all, none where no parent means this.
  Set<Integer> covered(RouteObject route) {
    Set<Integer> covered = new TreeSet<>();
    for (ParentRef reference : route.parents()) {
      if (reference.isFrontend()
          && reference.isServiceEntry() == (kind == Kind.SERVICE_ENTRY)
          && reference.path(route.meta().namespace()).equals(path())) {
        Integer port = port(reference.port(), reference.sectionName());
        if (port != null) {
          covered.add(port);
        }
      }
    }
    return covered;
  }

  /// One parent for each host.
  List<RouteParent> parents(int port) {
    return hostnames.stream()
        .map(
            hostname ->
                RouteParent.newBuilder()
                    .setKind(kind.kindName())
                    .setNamespace(namespace)
                    .setName(name)
                    .setHostname(hostname)
                    .setPort(port)
                    .build())
        .toList();
  }
}
