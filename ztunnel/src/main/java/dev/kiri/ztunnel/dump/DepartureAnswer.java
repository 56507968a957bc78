package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.policy.L4Authorizer;
import dev.kiri.mesh.policy.L4Connection;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.outbound.OutboundDecider;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import dev.kiri.ztunnel.outbound.OutboundRequest;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `/debug/explain` says of a connection that leaves a pod. Pure.
final class DepartureAnswer {
  private DepartureAnswer() {}

  static Map<String, @Nullable Object> of(
      MeshSnapshot mesh, OutboundRequest asked, OutboundDecider.Explained explained) {
    var answer = new LinkedHashMap<String, @Nullable Object>();
    answer.put("direction", "outbound");
    answer.put("source", asked.source().uid());
    answer.put("sourceIdentity", asked.source().identity().toString());
    answer.put("target", NetUtil.toSocketAddressString(asked.target()));
    answer.put("decision", summary(explained.decision()));
    where(answer, explained.decision());
    answer.put("steps", explained.steps());
    answer.put("policy", policy(mesh, asked, explained.decision()));
    return answer;
  }

  private static String summary(OutboundDecision decision) {
    return switch (decision) {
      case OutboundDecision.Tunnel tunnel ->
          "HBONE to " + text(tunnel.nextHop()) + " for " + tunnel.authority();
      case OutboundDecision.TunnelInTunnel tunnel ->
          "HBONE in HBONE to " + text(tunnel.nextHop()) + " for " + tunnel.authority();
      case OutboundDecision.Plaintext plain -> "TCP to " + text(plain.nextHop());
      case OutboundDecision.NeedsAddress needed -> "look up " + needed.hostname();
      case OutboundDecision.Refused(var why) -> "refused: " + why.message();
    };
  }

  /// The same for programs.
  private static void where(Map<String, @Nullable Object> answer, OutboundDecision decision) {
    switch (decision) {
      case OutboundDecision.Tunnel tunnel -> {
        answer.put("outcome", "HBONE");
        answer.put("nextHop", text(tunnel.nextHop()));
        answer.put("authority", tunnel.authority().toString());
        answer.put("port", tunnel.port());
        answer.put("throughWaypoint", !tunnel.direct());
        ends(answer, tunnel.destination(), tunnel.service());
      }
      case OutboundDecision.TunnelInTunnel tunnel -> {
        answer.put("outcome", "DOUBLEHBONE");
        answer.put("nextHop", text(tunnel.nextHop()));
        answer.put("authority", tunnel.authority().toString());
        ends(answer, tunnel.destination(), tunnel.service());
      }
      case OutboundDecision.Plaintext(var nextHop, var workload, var service) -> {
        answer.put("outcome", "TCP");
        answer.put("nextHop", text(nextHop));
        answer.put("port", nextHop.getPort());
        ends(answer, workload, service);
      }
      case OutboundDecision.NeedsAddress needed -> {
        answer.put("outcome", "LOOKUP");
        answer.put("hostname", needed.hostname());
        answer.put("port", needed.port());
        ends(answer, needed.destination(), needed.service());
      }
      case OutboundDecision.Refused(var why) -> {
        answer.put("outcome", "REFUSED");
        answer.put("reason", why.message());
      }
    }
  }

  private static void ends(
      Map<String, @Nullable Object> answer, @Nullable Workload to, @Nullable Service service) {
    if (to != null) {
      answer.put("destination", to.uid());
      answer.put("destinationPod", to.namespace() + "/" + to.name());
    }
    if (service != null) {
      answer.put("service", service.key().toString());
    }
  }

  /// What the policies of the next workload say; empty when that is none of the mesh, or is on
  /// another network.
  private static List<String> policy(
      MeshSnapshot mesh, OutboundRequest asked, OutboundDecision decision) {
    var from = new InetSocketAddress(asked.client(), 0);
    return switch (decision) {
      case OutboundDecision.Tunnel tunnel ->
          verdict(
              mesh,
              tunnel.destination(),
              new L4Connection(
                  asked.source().identity(),
                  from,
                  new InetSocketAddress(tunnel.nextHop().getAddress(), tunnel.port())));
      case OutboundDecision.Plaintext(var nextHop, var workload, _) when workload != null ->
          verdict(mesh, workload, new L4Connection(null, from, nextHop));
      default -> List.of();
    };
  }

  private static List<String> verdict(
      MeshSnapshot mesh, Workload destination, L4Connection connection) {
    var evaluation = L4Authorizer.evaluate(mesh.policiesFor(destination), connection);
    var lines = new ArrayList<String>();
    for (var step : evaluation.steps()) {
      var line = new StringBuilder(step.text());
      if (step.policy() != null) {
        line.append(": ").append(step.policy());
      }
      if (step.detail() != null) {
        line.append(" (").append(step.detail()).append(')');
      }
      lines.add(line.toString());
    }
    var verdict = evaluation.verdict().text();
    if (lines.isEmpty() || !lines.getLast().equals(verdict)) {
      lines.add(verdict);
    }
    return lines;
  }

  private static String text(InetSocketAddress address) {
    return NetUtil.toSocketAddressString(address);
  }
}
