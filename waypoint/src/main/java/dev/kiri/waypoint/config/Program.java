package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.policy.CompiledPolicy;
import dev.kiri.waypoint.policy.PolicyEngine;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.RouteSet;
import dev.kiri.waypoint.route.ServiceRoutes;
import dev.kiri.waypoint.upstream.Destined;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All that was accepted, compiled: one immutable value, swapped as a whole. A request uses the
/// program that was current when its head was complete.
///
/// @param version counts programs of this process, for dumps
public record Program(
    long version,
    WaypointConfig settings,
    Map<ServiceKey, ServiceEntry> services,
    PolicyEngine policies,
    PolicyEngine tcpPolicies,
    Map<ServiceKey, ServiceTraffic> traffic) {

  /// One service: its routes by port, `0` for ports not named by any route's parent.
  record ServiceEntry(
      Map<Integer, ServiceRoutes> routes,
      PolicyEngine policies,
      PolicyEngine tcpPolicies,
      Map<Integer, PortProtocol> protocols) {}

  public Program {
    services = Map.copyOf(services);
  }

  public ServiceProgram service(ServiceKey key, int port) {
    ServiceEntry entry = services.get(key);
    if (entry == null) {
      return new ServiceProgram(ServiceRoutes.NONE, policies, tcpPolicies, null);
    }
    ServiceRoutes routes = entry.routes().get(port);
    if (routes == null) {
      routes = entry.routes().getOrDefault(0, ServiceRoutes.NONE);
    }
    return new ServiceProgram(
        routes, entry.policies(), entry.tcpPolicies(), protocol(entry.protocols(), port));
  }

  /// Where a reference leads, with what DestinationRules say about it; null when it names a subset
  /// that nobody has defined.
  public @Nullable Destined destined(ServiceKey service, int port, String subset) {
    ServiceTraffic known = traffic.get(service);
    return known != null
        ? known.destined(service, port, subset)
        : subset.isEmpty() ? Destined.to(service, port) : null;
  }

  /// Where a backend of traffic to the port `addressed` leads, likewise.
  public @Nullable Destined destined(Backend.OfService to, int addressed) {
    return destined(to.service(), to.portFor(addressed), to.subset());
  }

  /// Whether the control plane described the service's ports, which it does only for services bound
  /// to this waypoint.
  public boolean declares(ServiceKey key) {
    ServiceEntry entry = services.get(key);
    return entry != null && !entry.protocols().isEmpty();
  }

  /// A waypoint knows every port of a service it was told about, so a port left out is an
  /// undeclared one.
  private static @Nullable PortProtocol protocol(Map<Integer, PortProtocol> known, int port) {
    return known.isEmpty() ? null : known.getOrDefault(port, PortProtocol.SNIFF);
  }

  /// What applies to traffic addressed to a pod: no routes, and only the policies of the whole
  /// waypoint.
  public ServiceProgram workload() {
    return new ServiceProgram(ServiceRoutes.NONE, policies, tcpPolicies, PortProtocol.SNIFF);
  }

  /// Every table, for dumps: service, port (0: any) and the client namespace it is for ("" for
  /// all).
  public List<NamedTable> tables() {
    return services.entrySet().stream()
        .flatMap(
            s ->
                s.getValue().routes().entrySet().stream()
                    .flatMap(r -> NamedTable.of(s.getKey(), r.getKey(), r.getValue())))
        .toList();
  }

  /// A table and what it is for.
  public record NamedTable(ServiceKey service, int port, String clients, RouteSet routes) {
    static java.util.stream.Stream<NamedTable> of(
        ServiceKey service, int port, ServiceRoutes routes) {
      var consumers =
          routes.consumers().entrySet().stream()
              .map(c -> new NamedTable(service, port, c.getKey(), c.getValue()));
      RouteSet producer = routes.producer();
      return producer == null
          ? consumers
          : java.util.stream.Stream.concat(
              java.util.stream.Stream.of(new NamedTable(service, port, "", producer)), consumers);
    }
  }

  /// Policies attached to one service; those of the whole waypoint for a service without own ones.
  public List<CompiledPolicy> policiesOf(ServiceKey key) {
    ServiceEntry entry = services.get(key);
    return (entry == null ? policies : entry.policies()).policies();
  }
}
