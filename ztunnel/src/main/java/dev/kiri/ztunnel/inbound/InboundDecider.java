package dev.kiri.ztunnel.inbound;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.mesh.policy.L4Authorizer;
import dev.kiri.mesh.policy.L4Connection;
import dev.kiri.mesh.policy.PolicyEvaluation;
import dev.kiri.mesh.policy.PolicyVerdict;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.balance.Trail;
import dev.kiri.ztunnel.inbound.InboundTarget.Reached;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides what happens to a connection that arrived for a pod. Pure and thread-safe.
public final class InboundDecider {
  private final String network;
  private final Set<Integer> illegalPorts;
  private final Sourcing sourcing;
  private final InboundTarget targets;

  /// How connections to the application are made to look. `spoof`: they come from the client's
  /// address. `loopbackTunnels`: application tunnels are reached on loopback. `peerMetadata`: what
  /// a peer says about itself is used for telemetry.
  public record Sourcing(boolean spoof, boolean loopbackTunnels, boolean peerMetadata) {}

  /// `network` is this node's; a request for one of `illegalPorts` would reach the proxy itself.
  public InboundDecider(String network, Set<Integer> illegalPorts, Sourcing sourcing) {
    this.network = network;
    this.illegalPorts = Set.copyOf(illegalPorts);
    this.sourcing = sourcing;
    this.targets = new InboundTarget(network, this.illegalPorts, sourcing.loopbackTunnels());
  }

  /// A decision with the steps that led to it, policy's included.
  public record Explained(InboundDecision decision, List<String> steps) {}

  /// Decides and tells how.
  public Explained explain(MeshSnapshot mesh, InboundRequest request) {
    var trail = Trail.recorded();
    return new Explained(decide(mesh, request, trail), trail.steps());
  }

  /// Decides.
  public InboundDecision decide(MeshSnapshot mesh, InboundRequest request) {
    return decide(mesh, request, Trail.NONE);
  }

  private InboundDecision decide(MeshSnapshot mesh, InboundRequest request, Trail trail) {
    return switch (request) {
      case InboundRequest.Tunnelled tunnelled -> tunnelled(mesh, tunnelled, trail);
      case InboundRequest.Plain plain -> plain(mesh, plain, trail);
    };
  }

  /// Whether a connection that was admitted still may go on. The workload is looked up again, so
  /// that a policy newly attached to it counts (upstream keeps the one of the start).
  public PolicyEvaluation authorize(MeshSnapshot mesh, InboundRoute route) {
    var now = mesh.workload(route.destination().uid());
    return authorize(mesh, now == null ? route.destination() : now, route.connection(), Trail.NONE);
  }

  private InboundDecision tunnelled(
      MeshSnapshot mesh, InboundRequest.Tunnelled request, Trail trail) {
    return switch (targets.find(mesh, request, trail)) {
      case InboundTarget.Unreachable(var why) -> {
        trail.step("refused with status " + why.status(), why.message());
        yield new InboundDecision.Rejected(why);
      }
      case Reached reached -> judged(mesh, route(mesh, request, reached), trail);
    };
  }

  private InboundRoute route(MeshSnapshot mesh, InboundRequest.Tunnelled request, Reached reached) {
    var connect = request.request();
    var from = connect.forwardedNetwork();
    boolean ofOtherNetwork = from != null && !from.equalsIgnoreCase(network);
    var dial = reached.dial();
    return new InboundRoute(
        request.local(),
        reported(mesh, request.local(), connect, reached.policed().getPort()),
        ofOtherNetwork ? null : workload(mesh, request.source().getAddress()),
        sourcing.peerMetadata() ? connect.baggage() : null,
        new L4Connection(request.peer(), request.source(), reached.policed()),
        dial,
        reached.loopback() ? dial.getAddress() : spoofed(request, dial),
        reached.proxyHeader());
  }

  private InboundDecision plain(MeshSnapshot mesh, InboundRequest.Plain request, Trail trail) {
    var target = request.target();
    if (illegalPorts.contains(target.getPort())) {
      trail.step("target is one of our own ports", target);
      return new InboundDecision.Rejected(new InboundRefusal.CallToOurselves());
    }
    var route =
        new InboundRoute(
            request.local(),
            ownService(mesh, request.local(), null, target.getPort()),
            workload(mesh, request.source().getAddress()),
            null,
            new L4Connection(null, request.source(), target),
            target,
            spoofed(request, target),
            null);
    return judged(mesh, route, trail);
  }

  private InboundDecision judged(MeshSnapshot mesh, InboundRoute route, Trail trail) {
    var evaluation = authorize(mesh, route.destination(), route.connection(), trail);
    return switch (evaluation.verdict()) {
      case PolicyVerdict.Allowed _ -> {
        trail.step("admitted, connecting to", route.dial());
        yield new InboundDecision.Admitted(route, evaluation);
      }
      case PolicyVerdict.Denied denied -> {
        trail.step(denied.text());
        yield new InboundDecision.Denied(route, denied, evaluation);
      }
    };
  }

  private static PolicyEvaluation authorize(
      MeshSnapshot mesh, Workload workload, L4Connection connection, Trail trail) {
    var evaluation = L4Authorizer.evaluate(mesh.policiesFor(workload), connection);
    for (var step : evaluation.steps()) {
      var about = step.policy() == null ? step.detail() : step.policy();
      if (about == null) {
        trail.step(step.text());
      } else {
        trail.step(step.text(), about);
      }
    }
    return evaluation;
  }

  /// The client's address, unless the pod would then talk to itself with its own.
  private @Nullable InetAddress spoofed(InboundRequest request, InetSocketAddress dial) {
    var client = request.source().getAddress();
    return sourcing.spoof() && !client.equals(dial.getAddress()) ? client : null;
  }

  private @Nullable Workload workload(MeshSnapshot mesh, InetAddress address) {
    return mesh.workloadByAddress(network, address);
  }

  /// The service to report: the one the peer says was meant if it is one of the pod's, else a guess
  /// by port. A request by host name narrows the choice to that service.
  private static @Nullable Service reported(
      MeshSnapshot mesh, Workload local, ConnectRequest request, int port) {
    var forwarded = request.forwarded();
    var meant = forwarded == null ? null : forwarded.host();
    if (request.authority() instanceof Authority.Host(var hostname, _)) {
      return mesh.serviceByHostname(hostname, local.namespace(), null);
    }
    return ownService(mesh, local, meant, port);
  }

  private static @Nullable Service ownService(
      MeshSnapshot mesh, Workload local, @Nullable String meant, int port) {
    Service byPort = null;
    for (var entry : local.services().entrySet()) {
      var service = mesh.service(entry.getKey());
      if (service == null) {
        continue;
      }
      if (service.hostname().equals(meant)) {
        return service;
      }
      boolean serves =
          service.ports().asMap().containsValue(port)
              || entry.getValue().asMap().containsValue(port);
      if (byPort == null && serves) {
        byPort = service;
      }
    }
    return byPort;
  }
}
