package dev.kiri.ztunnel.outbound;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.balance.AddressChoice;
import dev.kiri.ztunnel.balance.EndpointChoice.Purpose;
import dev.kiri.ztunnel.balance.EndpointChooser;
import dev.kiri.ztunnel.balance.Trail;
import dev.kiri.ztunnel.balance.Upstream;
import dev.kiri.ztunnel.outbound.OutboundDecision.NeedsAddress;
import dev.kiri.ztunnel.outbound.OutboundDecision.Plaintext;
import dev.kiri.ztunnel.outbound.OutboundDecision.Refused;
import dev.kiri.ztunnel.outbound.OutboundDecision.Tunnel;
import dev.kiri.ztunnel.outbound.OutboundDecision.TunnelInTunnel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Decides what happens to a connection that a pod opened. Pure but for the random source it was
/// given: the same snapshot, request and randomness give the same decision. Thread-safe if that
/// source is.
///
/// The letters in comments are the steps of upstream's tree: a service's waypoint (A), the workload
/// behind the target (B), another network (C), a workload's waypoint (D), the workload itself (E).
public final class OutboundDecider {
  static final int HBONE_PORT = 15008;

  private final String network;
  private final Set<Integer> illegalPorts;
  private final WaypointResolver waypoints;

  /// `network` is this node's; connections to loopback at one of `illegalPorts` would come back to
  /// the proxy for ever.
  public OutboundDecider(
      String network, Set<Integer> illegalPorts, EndpointChooser chooser, RandomGenerator random) {
    this.network = network;
    this.illegalPorts = Set.copyOf(illegalPorts);
    this.waypoints = new WaypointResolver(chooser, random);
  }

  /// A decision with the steps that led to it.
  public record Explained(OutboundDecision decision, List<String> steps) {}

  /// Decides and tells how.
  public Explained explain(MeshSnapshot mesh, OutboundRequest request) {
    var trail = Trail.recorded();
    return new Explained(decide(mesh, request, trail), trail.steps());
  }

  /// Decides.
  public OutboundDecision decide(MeshSnapshot mesh, OutboundRequest request) {
    return decide(mesh, request, Trail.NONE);
  }

  /// True for a connection that would reach the proxy itself again.
  public boolean callsOurselves(InetSocketAddress target) {
    return target.getAddress().isLoopbackAddress() && illegalPorts.contains(target.getPort());
  }

  OutboundDecision decide(MeshSnapshot mesh, OutboundRequest request, Trail trail) {
    var target = request.target();
    if (callsOurselves(target)) {
      return refuse(new OutboundRefusal.CallToOurselves(), trail);
    }
    var source = request.source();
    var service = addressedService(mesh, source, target, trail); // A
    if (service != null) {
      switch (waypoints.ofService(mesh, source, service, target, trail)) {
        case WaypointResolver.None() -> trail.step("service has no waypoint", service.key());
        case WaypointResolver.Unknown(var name) -> {
          return refuse(new OutboundRefusal.UnknownWaypoint(name), trail);
        }
        case WaypointResolver.Found(var waypoint, var asked) -> {
          if (!waypoint.workload().network().equals(source.network())) {
            return viaGateway(mesh, request, waypoint, service, trail);
          }
          return toWaypoint(waypoint, asked, target, service, trail);
        }
      }
    }
    var upstream = upstream(mesh, source, target, trail); // B
    if (upstream == null) {
      if (service != null && service.balancing().mode() != Mode.PASSTHROUGH) {
        return refuse(new OutboundRefusal.NoHealthyUpstream(target), trail);
      }
      trail.step("destination is not in the mesh, passed through", target);
      return new Plaintext(target, null, null);
    }
    if (!upstream.workload().network().equals(source.network())) { // C
      if (service == null) {
        return refuse(new OutboundRefusal.NoService(target), trail);
      }
      return viaGateway(mesh, request, upstream, service, trail);
    }
    if (service == null && upstream.workload().waypoint() != null) { // D
      var decision = viaWorkloadWaypoint(mesh, request, upstream, trail);
      if (decision != null) {
        return decision;
      }
    }
    return direct(upstream, target, trail); // E
  }

  /// A: the service that was addressed, unless the address is a workload's.
  private @Nullable Service addressedService(
      MeshSnapshot mesh, Workload source, InetSocketAddress target, Trail trail) {
    if (mesh.workloadByAddress(network, target.getAddress()) != null) {
      trail.step("target is the address of a workload", target);
      return null;
    }
    var service = mesh.serviceByAddress(network, target.getAddress(), source.namespace());
    trail.step(service == null ? "target is no service" : "target is service " + service.key());
    return service;
  }

  /// B: an endpoint of the service at this address, else the workload at it.
  private @Nullable Upstream upstream(
      MeshSnapshot mesh, Workload source, InetSocketAddress target, Trail trail) {
    var address = new NetworkAddress(source.network(), target.getAddress());
    return waypoints.upstream(mesh, source, address, target.getPort(), Purpose.STANDARD, trail);
  }

  private OutboundDecision toWaypoint(
      Upstream waypoint,
      InetAddress asked,
      InetSocketAddress target,
      @Nullable Service service,
      Trail trail) {
    var address = AddressChoice.of(waypoint.workload(), waypoint.families(), asked);
    if (address == null) {
      return refuse(new OutboundRefusal.NoDestination(waypoint.workload().uid()), trail);
    }
    trail.step("through waypoint", waypoint.workload().uid());
    return new Tunnel(
        new InetSocketAddress(address, waypoint.port()),
        Authority.of(target),
        waypoint.workload(),
        waypoint.port(),
        service,
        waypoint.identities());
  }

  /// D: null when the connection comes from that waypoint, or the workload turns out to have none.
  private @Nullable OutboundDecision viaWorkloadWaypoint(
      MeshSnapshot mesh, OutboundRequest request, Upstream upstream, Trail trail) {
    var source = request.source();
    var workload = upstream.workload();
    if (waypoints.isWaypointOf(mesh, workload, source, request.client())) {
      trail.step("client is the waypoint of", workload.uid());
      return null;
    }
    return switch (waypoints.ofWorkload(mesh, source, workload, request.target(), trail)) {
      case WaypointResolver.None() -> null;
      case WaypointResolver.Unknown(var name) ->
          refuse(new OutboundRefusal.UnknownWaypoint(name), trail);
      case WaypointResolver.Found(var waypoint, var asked) ->
          toWaypoint(waypoint, asked, request.target(), upstream.service(), trail);
    };
  }

  private OutboundDecision viaGateway(
      MeshSnapshot mesh, OutboundRequest request, Upstream remote, Service service, Trail trail) {
    var gateway = remote.workload().networkGateway();
    if (gateway == null) {
      return refuse(new OutboundRefusal.NoDestination(remote.workload().uid()), trail);
    }
    var found = waypoints.gateway(mesh, request.source(), gateway, trail);
    if (found == null) {
      return refuse(new OutboundRefusal.UnknownGateway(gateway.toString()), trail);
    }
    var asked = request.target().getAddress();
    var address = AddressChoice.of(found.workload(), found.families(), asked);
    if (address == null) {
      return refuse(new OutboundRefusal.NoDestination(found.workload().uid()), trail);
    }
    trail.step("through gateway of network", remote.workload().network());
    var inner = new Upstream(remote.workload(), remote.port(), service).serviceIdentities();
    return new TunnelInTunnel(
        new InetSocketAddress(address, found.port()),
        new Authority.Host(service.hostname(), request.target().getPort()),
        found.workload(),
        service,
        found.identities(),
        inner);
  }

  private OutboundDecision direct(Upstream upstream, InetSocketAddress target, Trail trail) {
    var workload = upstream.workload();
    var address = AddressChoice.of(workload, upstream.families(), target.getAddress());
    if (address != null) {
      trail.step("to workload " + workload.uid(), "by " + workload.protocol());
      return reach(workload, upstream.service(), new InetSocketAddress(address, upstream.port()));
    }
    if (workload.hostname().isEmpty()) {
      return refuse(new OutboundRefusal.NoDestination(workload.uid()), trail);
    }
    trail.step("host name to be looked up", workload.hostname());
    return new NeedsAddress(
        workload.hostname(), target.getAddress(), upstream.port(), workload, upstream.service());
  }

  /// E: a workload at a known address, in a tunnel if it has one.
  static OutboundDecision reach(
      Workload workload, @Nullable Service service, InetSocketAddress at) {
    return switch (workload.protocol()) {
      case TCP -> new Plaintext(at, workload, service);
      case HBONE ->
          new Tunnel(
              new InetSocketAddress(at.getAddress(), HBONE_PORT),
              Authority.of(at),
              workload,
              at.getPort(),
              service,
              new Upstream(workload, at.getPort(), service).identities());
    };
  }

  private static OutboundDecision refuse(OutboundRefusal why, Trail trail) {
    trail.step("refused", why.message());
    return new Refused(why);
  }
}
