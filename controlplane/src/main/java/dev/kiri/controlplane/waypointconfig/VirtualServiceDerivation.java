package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.VirtualServiceObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.waypoint.config.v1.RouteParent;
import dev.kiri.waypoint.config.v1.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A VirtualService's way to the waypoints in front of its hosts, and its verdicts (waypoint.md
/// 8.1). Null for what says nothing about the mesh: a delegate, or rules of gateways only.
final class VirtualServiceDerivation {
  private final ObjectTables objects;
  private final Frontends frontends;
  private final Destinations destinations;
  private final Workloads clients;

  VirtualServiceDerivation(
      MeshIndex index, Frontends frontends, Destinations destinations, Workloads clients) {
    this.objects = index.objects();
    this.frontends = frontends;
    this.destinations = destinations;
    this.clients = clients;
  }

  @Nullable VirtualServiceResult derive(VirtualServiceObject object, Reader reader) {
    if (object.hosts().isEmpty() || !object.ofMesh()) {
      return null;
    }
    VirtualServiceConversion conversion =
        new VirtualServiceConversion(
            object, objects.virtualServices, destinations, clients, reader);
    VirtualService.Builder converted = conversion.convert();
    Map<String, List<RouteParent>> byWaypoint = new TreeMap<>();
    List<String> lost = new ArrayList<>();
    List<String> conflicts = new ArrayList<>();
    boolean unbound = false;
    for (String host : object.hosts()) {
      List<Frontend> found = frontends.covered(host, object.meta().namespace(), reader);
      if (found.isEmpty()) {
        lost.add("no service has the host " + frontends.complete(host, object.meta().namespace()));
      }
      for (Frontend frontend : found) {
        Conflict conflict = conflict(object, frontend, reader);
        if (conflict != null) {
          conflicts.add(conflict.text());
        }
        if (conflict != null && conflict.everywhere()) {
          continue;
        }
        if (frontends.binding(frontend, reader) instanceof Binding.Bound bound) {
          bound.addTo(byWaypoint, frontend.parents(0));
        } else {
          unbound = true;
          lost.add(frontend.kind().kindName() + " " + frontend.path() + " has no waypoint");
        }
      }
    }
    Map<String, EncodedResource> resources = new TreeMap<>();
    byWaypoint.forEach(
        (waypoint, parents) ->
            resources.put(
                waypoint,
                Resources.encode(
                    object,
                    Resources.of(object)
                        .setVirtualService(converted.clone().addAllParents(parents)))));
    return new VirtualServiceResult(
        Map.copyOf(resources),
        accepted(resources.keySet(), lost, conflicts, unbound),
        partial(conversion.problems(), conflicts, resources.isEmpty()));
  }

  private static Verdict accepted(
      Set<String> waypoints, List<String> lost, List<String> conflicts, boolean unbound) {
    String also = lost.isEmpty() ? "" : "; " + String.join("; ", lost);
    if (!waypoints.isEmpty()) {
      return new Verdict(true, "Accepted", "bound to " + String.join(", ", waypoints) + also);
    }
    if (!conflicts.isEmpty()) {
      return new Verdict(false, "Conflicted", String.join("; ", conflicts) + also);
    }
    return new Verdict(
        false, unbound ? "AncestorNotBound" : "TargetNotFound", String.join("; ", lost));
  }

  private static @Nullable Verdict partial(
      List<String> problems, List<String> conflicts, boolean nowhere) {
    List<String> all = new ArrayList<>(problems);
    if (!nowhere) {
      all.addAll(conflicts);
    }
    return all.isEmpty() ? null : new Verdict(true, "UnsupportedValue", String.join("; ", all));
  }

  /// A route of the Gateway API that counts more.
  ///
  /// @param everywhere whether it has every port
  private record Conflict(boolean everywhere, String text) {}

  /// Routes of the Gateway API in the same set: producers', or those of the object's namespace.
  private @Nullable Conflict conflict(
      VirtualServiceObject object, Frontend frontend, Reader reader) {
    Set<Integer> covered = new TreeSet<>();
    Set<String> by = new TreeSet<>();
    for (Kind kind : Kind.ROUTES) {
      for (RouteObject route : reader.find(objects.routesByParent(kind), frontend.reference())) {
        if (kind != Kind.UDP_ROUTE && route.meta().namespace().equals(object.meta().namespace())) {
          Set<Integer> ports = frontend.covered(route);
          if (!ports.isEmpty()) {
            covered.addAll(ports);
            by.add(route.key().toString());
          }
        }
      }
    }
    if (covered.isEmpty()) {
      return null;
    }
    boolean everywhere =
        covered.contains(0)
            || frontend.ports().stream().allMatch(port -> covered.contains(port.number()));
    return new Conflict(
        everywhere,
        String.join(", ", by)
            + " counts more than a VirtualService on "
            + (everywhere ? "every port" : "port " + covered)
            + " of "
            + frontend.path());
  }
}
