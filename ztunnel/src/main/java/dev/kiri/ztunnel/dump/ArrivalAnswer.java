package dev.kiri.ztunnel.dump;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ztunnel.inbound.InboundDecider;
import dev.kiri.ztunnel.inbound.InboundDecision;
import dev.kiri.ztunnel.inbound.InboundRequest;
import dev.kiri.ztunnel.inbound.InboundRoute;
import dev.kiri.ztunnel.pod.PodSettings;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `/debug/explain` says of a connection that arrives for a pod. Pure.
///
/// @param inbound decides about real ones alike
record ArrivalAnswer(InboundDecider inbound) {

  /// A connection of `source` to a port of `local`: of its service if the request names one.
  Map<String, @Nullable Object> of(
      MeshSnapshot mesh, Workload source, Workload local, int port, AdminRequest asked) {
    var service = asked.parameter("service");
    var target =
        new InetSocketAddress(
            address(local, source),
            service == null ? port : targetPort(mesh, local, service, port));
    var from = new InetSocketAddress(address(source, local), 0);
    boolean plain = "true".equals(asked.parameter("plain"));
    var request =
        plain
            ? new InboundRequest.Plain(local, from, target)
            : new InboundRequest.Tunnelled(
                local,
                source.identity(),
                from,
                new InetSocketAddress(target.getAddress(), PodSettings.HBONE_PORT),
                ConnectRequest.to(Authority.of(target)));
    var explained = inbound.explain(mesh, request);
    var answer = new LinkedHashMap<String, @Nullable Object>();
    answer.put("direction", "inbound");
    answer.put("source", source.uid());
    answer.put("sourceIdentity", plain ? null : source.identity().toString());
    answer.put("destination", local.uid());
    answer.put("target", NetUtil.toSocketAddressString(target));
    switch (explained.decision()) {
      case InboundDecision.Admitted(var route, _) -> {
        answer.put("decision", "admitted, connecting to " + dial(route));
        answer.put("outcome", "ADMITTED");
      }
      case InboundDecision.Denied(_, var verdict, _) -> {
        answer.put("decision", "denied: " + verdict.text());
        answer.put("outcome", "DENIED");
      }
      case InboundDecision.Rejected(var why) -> {
        answer.put("decision", "rejected with status " + why.status() + ": " + why.message());
        answer.put("outcome", "REJECTED");
      }
    }
    answer.put("steps", explained.steps());
    return answer;
  }

  private static String dial(InboundRoute route) {
    var to = NetUtil.toSocketAddressString(route.dial());
    var from = route.bind();
    return from == null ? to : to + " from " + NetUtil.toAddressString(from);
  }

  /// The address of one that is of the other's family if it has one.
  private static InetAddress address(Workload of, Workload with) {
    var family = with.addresses().getFirst().getClass();
    return of.addresses().stream()
        .filter(family::isInstance)
        .findFirst()
        .orElse(of.addresses().getFirst());
  }

  /// Where the service's port leads at this endpoint; the port itself where that is not known.
  private static int targetPort(MeshSnapshot mesh, Workload local, String text, int port) {
    var key = ServiceKey.parse(text).orElse(null);
    var service = key == null ? null : mesh.service(key);
    var own = key == null ? null : local.services().get(key);
    if (service == null || own == null) {
      return port;
    }
    int target = own.asMap().getOrDefault(port, service.ports().asMap().getOrDefault(port, port));
    return target == 0 ? port : target;
  }
}
