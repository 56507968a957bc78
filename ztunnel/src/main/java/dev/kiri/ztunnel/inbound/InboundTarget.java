package dev.kiri.ztunnel.inbound;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.ApplicationTunnel;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.balance.Trail;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where the target of a CONNECT request leads inside the pod. Pure.
final class InboundTarget {
  private final String network;
  private final Set<Integer> illegalPorts;
  private final boolean loopbackTunnels;

  InboundTarget(String network, Set<Integer> illegalPorts, boolean loopbackTunnels) {
    this.network = network;
    this.illegalPorts = illegalPorts;
    this.loopbackTunnels = loopbackTunnels;
  }

  /// What became of a target.
  sealed interface Found {}

  /// It leads to `dial`; policy sees it as `policed`. With `loopback` the connection also comes
  /// from there.
  record Reached(
      InetSocketAddress dial,
      InetSocketAddress policed,
      boolean loopback,
      @Nullable ProxyHeader proxyHeader)
      implements Found {}

  /// It leads nowhere.
  record Unreachable(InboundRefusal why) implements Found {}

  Found find(MeshSnapshot mesh, InboundRequest.Tunnelled request, Trail trail) {
    var local = request.local();
    var authority = request.request().authority();
    var ours = request.at().getAddress();
    int port;
    switch (authority) {
      case Authority.Address(var asked) -> {
        if (!mayServe(mesh, local, ours, asked.getAddress(), trail)) {
          return new Unreachable(new InboundRefusal.IpMismatch(ours, asked.getAddress()));
        }
        port = asked.getPort();
      }
      case Authority.Host(var hostname, int servicePort) -> {
        var service = mesh.serviceByHostname(hostname, local.namespace(), null);
        if (service == null
            && mesh.workloadByHostname(new ServiceKey(local.namespace(), hostname)) == null) {
          return new Unreachable(new InboundRefusal.UnknownHost(hostname));
        }
        port = service == null ? servicePort : portOf(local, service, servicePort);
        if (port <= 0) {
          return new Unreachable(new InboundRefusal.UnknownPort(hostname, servicePort));
        }
        trail.step("host name " + hostname + ":" + servicePort, "leads to port " + port);
      }
    }
    if (illegalPorts.contains(port)) {
      return new Unreachable(new InboundRefusal.CallToOurselves());
    }
    return behindTunnel(mesh, request, port, trail);
  }

  private static int portOf(Workload local, Service service, int servicePort) {
    var endpointPorts = local.services().get(service.key());
    int own = endpointPorts == null ? 0 : endpointPorts.target(servicePort);
    if (own > 0) {
      return own;
    }
    int target = service.ports().target(servicePort);
    if (target > 0) {
      return target;
    }
    return local.applicationTunnel() != null ? servicePort : 0;
  }

  /// A pod serves its own address. A waypoint that is captured itself also serves those whose
  /// waypoint it is; behind an application tunnel the application decides.
  private boolean mayServe(
      MeshSnapshot mesh, Workload local, InetAddress ours, InetAddress asked, Trail trail) {
    if (asked.equals(ours)) {
      return true;
    }
    if (local.applicationTunnel() != null) {
      trail.step(
          "the application behind the tunnel judges the address", NetUtil.toAddressString(asked));
      return true;
    }
    var workload = mesh.workloadByAddress(network, asked);
    if (workload != null) {
      return leadsTo(mesh, workload.waypoint(), local);
    }
    var service = mesh.serviceByAddress(network, asked, null);
    if (service == null) {
      return false;
    }
    return leadsTo(mesh, service.waypoint(), local)
        || service.weightedWaypoints().stream()
            .anyMatch(one -> leadsTo(mesh, one.destination(), local));
  }

  private static boolean leadsTo(
      MeshSnapshot mesh, @Nullable GatewayAddress waypoint, Workload local) {
    return switch (waypoint) {
      case null -> false;
      case GatewayAddress.ByHostname(var host, _) ->
          mesh.endpoints(host).stream().anyMatch(e -> e.workloadUid().equals(local.uid()));
      case GatewayAddress.ByAddress(var address, _) -> {
        var at = mesh.workloadByAddress(address.network(), address.address());
        if (at != null) {
          yield at.uid().equals(local.uid());
        }
        var service = mesh.serviceByAddress(address.network(), address.address(), null);
        yield service != null
            && mesh.endpoints(service.key()).stream()
                .anyMatch(e -> e.workloadUid().equals(local.uid()));
      }
    };
  }

  private Found behindTunnel(
      MeshSnapshot mesh, InboundRequest.Tunnelled request, int port, Trail trail) {
    var ours = request.at().getAddress();
    var tunnel = request.local().applicationTunnel();
    if (tunnel == null) {
      var dial = new InetSocketAddress(ours, port);
      return new Reached(dial, dial, false, null);
    }
    int inside = tunnel.port() == 0 ? port : tunnel.port();
    trail.step("application tunnel " + tunnel.protocol(), "port " + inside);
    var policed = new InetSocketAddress(ours, inside);
    if (tunnel.protocol() == ApplicationTunnel.Protocol.NONE) {
      return new Reached(policed, policed, false, null);
    }
    InetSocketAddress named;
    switch (request.request().authority()) {
      case Authority.Address(var asked) -> named = asked;
      case Authority.Host(var hostname, int servicePort) -> {
        var service = mesh.serviceByHostname(hostname, request.local().namespace(), null);
        var vip = service == null ? null : preferredVip(service);
        if (vip == null) {
          return new Unreachable(new InboundRefusal.NoServiceAddress(hostname));
        }
        named = new InetSocketAddress(vip, servicePort);
      }
    }
    var header = new ProxyHeader(request.source(), named, request.peer());
    var dial = loopbackTunnels ? new InetSocketAddress(loopback(ours), inside) : policed;
    return new Reached(dial, policed, loopbackTunnels, header);
  }

  /// IPv4 of this network, else IPv6 of it, else any.
  private @Nullable InetAddress preferredVip(Service service) {
    return service.vips().stream()
        .min(
            Comparator.comparingInt(
                vip ->
                    vip.network().equals(network)
                        ? (vip.address() instanceof Inet4Address ? 0 : 1)
                        : 2))
        .map(vip -> vip.address())
        .orElse(null);
  }

  private static InetAddress loopback(InetAddress family) {
    return InetAddress.ofLiteral(family instanceof Inet4Address ? "127.0.0.1" : "::1");
  }
}
