package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.Binding;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.ObjectTables;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.RouteObject.ParentRef;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.RouteParent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A route's way to the waypoints in front of its parents, and its verdicts (gateway-api.md 6, 14).
final class RouteDerivation {
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";

  private final ObjectTables objects;
  private final Frontends frontends;
  private final Backends backends;

  RouteDerivation(MeshIndex index, Frontends frontends) {
    this.objects = index.objects();
    this.frontends = frontends;
    this.backends = new Backends(frontends, index.settings());
  }

  RouteResult derive(RouteObject route, Reader reader) {
    if (route.kind() == Kind.UDP_ROUTE) {
      return new RouteResult(Map.of(), datagrams(route, reader));
    }
    RouteConversion conversion = new RouteConversion(route, backends, reader);
    Resource.Builder converted = convert(route, conversion);
    Verdict refs = resolvedRefs(conversion.unresolved());
    Map<String, List<RouteParent>> byWaypoint = new TreeMap<>();
    List<RouteResult.Parent> parents = new ArrayList<>();
    for (ParentRef reference : route.parents()) {
      if (reference.isFrontend()) {
        parents.add(parent(route, reference, conversion, refs, byWaypoint, reader));
      } else if (isOurGateway(route, reference, reader)) {
        parents.add(
            new RouteResult.Parent(
                reference,
                new Verdict(
                    false,
                    "NoMatchingParent",
                    "a waypoint takes no routes of its own: name a Service as the parent"),
                refs,
                new Verdict(false, "NoMatchingParent", "parent not found"),
                null));
      }
    }
    Map<String, EncodedResource> resources = new TreeMap<>();
    byWaypoint.forEach(
        (waypoint, bound) ->
            resources.put(
                waypoint, Resources.encode(route, withParents(converted.clone(), bound))));
    return new RouteResult(Map.copyOf(resources), List.copyOf(parents));
  }

  /// Datagrams have no way through a tunnel, so no parent of ours can take such a route.
  private List<RouteResult.Parent> datagrams(RouteObject route, Reader reader) {
    Verdict none = new Verdict(false, "UnsupportedValue", "not sent to a waypoint");
    return route.parents().stream()
        .filter(reference -> reference.isFrontend() || isOurGateway(route, reference, reader))
        .map(
            reference ->
                new RouteResult.Parent(
                    reference,
                    new Verdict(
                        false, "UnsupportedValue", "UDP is not carried by the mesh's tunnels"),
                    resolvedRefs(List.of()),
                    none,
                    null))
        .toList();
  }

  private static Resource.Builder convert(RouteObject route, RouteConversion conversion) {
    Resource.Builder out = Resources.of(route);
    return switch (route.kind()) {
      case HTTP_ROUTE -> out.setHttpRoute(conversion.requests());
      case GRPC_ROUTE -> out.setGrpcRoute(conversion.requests());
      case TLS_ROUTE -> out.setTlsRoute(conversion.connections());
      case TCP_ROUTE -> out.setTcpRoute(conversion.connections());
      default -> throw new IllegalArgumentException(route.kind().kindName());
    };
  }

  private static Resource.Builder withParents(Resource.Builder out, List<RouteParent> parents) {
    switch (out.getConfigCase()) {
      case HTTP_ROUTE -> out.getHttpRouteBuilder().addAllParents(parents);
      case GRPC_ROUTE -> out.getGrpcRouteBuilder().addAllParents(parents);
      case TLS_ROUTE -> out.getTlsRouteBuilder().addAllParents(parents);
      case TCP_ROUTE -> out.getTcpRouteBuilder().addAllParents(parents);
      default -> throw new IllegalArgumentException(out.getConfigCase().name());
    }
    return out;
  }

  private RouteResult.Parent parent(
      RouteObject route,
      ParentRef reference,
      RouteConversion conversion,
      Verdict refs,
      Map<String, List<RouteParent>> byWaypoint,
      Reader reader) {
    String word = reference.isServiceEntry() ? "service entry" : "service";
    Frontend frontend = frontends.parent(reference, route.meta().namespace(), reader);
    if (frontend == null) {
      return lost(reference, "parent " + word + ": \"" + reference.name() + "\" not found", refs);
    }
    Integer port = frontend.port(reference.port(), reference.sectionName());
    if (port == null) {
      return lost(
          reference,
          "parent " + word + ": \"" + reference.name() + "\" has no port that the reference names",
          refs);
    }
    RouteObject stronger = stronger(route, frontend, port, reader);
    if (stronger != null) {
      return new RouteResult.Parent(
          reference,
          new Verdict(
              false,
              "Conflicted",
              stronger.key()
                  + " routes the same port, and a "
                  + stronger.kind().kindName()
                  + " counts more than a "
                  + route.kind().kindName()),
          refs,
          new Verdict(false, "Conflicted", "not sent to a waypoint"),
          null);
    }
    Verdict accepted = new Verdict(true, "Accepted", "Route was valid");
    Verdict partial = null;
    if (!conversion.invalidRules().isEmpty()) {
      String problems = String.join("; ", conversion.invalidRules());
      if (conversion.anyRuleInForce()) {
        partial =
            new Verdict(true, "UnsupportedValue", "Dropped Rule (answered with 500): " + problems);
      } else {
        accepted = new Verdict(false, "UnsupportedValue", problems);
      }
    }
    Binding binding = frontends.binding(frontend, reader);
    Verdict waypoints =
        switch (binding) {
          case Binding.Bound bound -> {
            bound.addTo(byWaypoint, frontend.parents(port));
            yield new Verdict(true, "ResolvedWaypoints", "All waypoints resolved");
          }
          case Binding.Unbound() ->
              new Verdict(
                  false,
                  "MissingUseWaypointLabel",
                  "istio.io/use-waypoint label missing from parent and parent namespace; in"
                      + " ambient mode, route will not be respected");
          case Binding.Denied denied ->
              new Verdict(false, denied.conditionReason(), denied.message());
        };
    return new RouteResult.Parent(reference, accepted, refs, waypoints, partial);
  }

  /// A route of a more specific kind that has every port this parent reference covers, in the same
  /// set of routes: producers' or those of one consumer namespace (GEP-1294).
  private @Nullable RouteObject stronger(
      RouteObject route, Frontend frontend, int port, Reader reader) {
    for (Kind kind : Kind.ROUTES.subList(0, Kind.ROUTES.indexOf(route.kind()))) {
      for (RouteObject other : reader.find(objects.routesByParent(kind), frontend.reference())) {
        if (other.meta().namespace().equals(route.meta().namespace())) {
          Set<Integer> covered = frontend.covered(other);
          if (covered.contains(0) || covered.contains(port)) {
            return other;
          }
        }
      }
    }
    return null;
  }

  private static RouteResult.Parent lost(ParentRef reference, String message, Verdict refs) {
    return new RouteResult.Parent(
        reference,
        new Verdict(false, "NoMatchingParent", message),
        refs,
        new Verdict(false, "NoMatchingParent", "parent not found"),
        null);
  }

  private boolean isOurGateway(RouteObject route, ParentRef reference, Reader reader) {
    if (!reference.group().equals(GATEWAY_GROUP) || !reference.kind().equals("Gateway")) {
      return false;
    }
    String namespace =
        Objects.requireNonNullElse(reference.namespaceWritten(), route.meta().namespace());
    GatewayObject gateway = reader.get(objects.gateways, namespace + "/" + reference.name());
    return gateway != null && WaypointClasses.isOurs(gateway.className());
  }

  private static Verdict resolvedRefs(List<Invalid> unresolved) {
    if (unresolved.isEmpty()) {
      return new Verdict(true, "ResolvedRefs", "All references resolved");
    }
    return new Verdict(
        false,
        unresolved.getFirst().getReason(),
        unresolved.stream().map(Invalid::getMessage).distinct().collect(Collectors.joining("; ")));
  }
}
