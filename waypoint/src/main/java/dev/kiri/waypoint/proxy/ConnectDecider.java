package dev.kiri.waypoint.proxy;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.config.PortProtocol;
import dev.kiri.waypoint.config.Program;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Decides about CONNECT requests. Pure. The Host header plays no part: a client is served what it
/// dialled.
public final class ConnectDecider {
  private ConnectDecider() {}

  public static ConnectDecision decide(
      MeshSnapshot mesh, Program program, OwnGateway own, Authority authority) {
    return switch (authority) {
      case Authority.Address(InetSocketAddress address) -> byAddress(mesh, program, own, address);
      case Authority.Host(String host, int port) -> {
        Service service = mesh.serviceByHostname(host, null, own.namespace());
        yield service == null
            ? new ConnectDecision.Refused(404, "no service for hostname: " + host)
            : service(mesh, program, own, service, addressOf(service, host, port));
      }
    };
  }

  private static InetSocketAddress addressOf(Service service, String host, int port) {
    for (NetworkAddress vip : service.vips()) {
      return new InetSocketAddress(vip.address(), port);
    }
    return InetSocketAddress.createUnresolved(host, port);
  }

  private static ConnectDecision byAddress(
      MeshSnapshot mesh, Program program, OwnGateway own, InetSocketAddress address) {
    @Nullable InetAddress ip = address.getAddress();
    if (ip == null) {
      return new ConnectDecision.Refused(404, "unresolved address " + address);
    }
    Service service = mesh.serviceByAddress(own.network(), ip, own.namespace());
    if (service != null) {
      return service(mesh, program, own, service, address);
    }
    Workload workload = mesh.workloadByAddress(own.network(), ip);
    if (workload == null) {
      return new ConnectDecision.Refused(
          404, "no service or workload at " + NetUtil.toAddressString(ip));
    }
    if (!program.settings().serveWorkloads() || !own.serves(mesh, workload)) {
      return new ConnectDecision.Refused(
          404, "workload " + workload.uid() + " does not use this waypoint");
    }
    return new ConnectDecision.ToWorkload(workload, address.getPort(), address);
  }

  private static ConnectDecision service(
      MeshSnapshot mesh,
      Program program,
      OwnGateway own,
      Service service,
      InetSocketAddress address) {
    int port = address.getPort();
    boolean ours = own.serves(mesh, service) || program.declares(service.key());
    if (!program.settings().serveServices() || !ours) {
      return new ConnectDecision.Refused(
          404, "service " + service.key() + " does not use this waypoint");
    }
    if (!service.ports().contains(port)) {
      return new ConnectDecision.Refused(404, "service " + service.key() + " has no port " + port);
    }
    PortProtocol protocol = program.service(service.key(), port).protocol();
    return new ConnectDecision.ToService(
        service, port, address, protocol == null ? PortProtocol.SNIFF : protocol);
  }
}
