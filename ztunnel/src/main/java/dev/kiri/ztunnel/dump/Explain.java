package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.policy.L4Authorizer;
import dev.kiri.mesh.policy.L4Connection;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.ztunnel.outbound.OutboundDecider;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import dev.kiri.ztunnel.outbound.OutboundRequest;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Answers `/debug/explain?src=NAMESPACE/POD&dst=ADDRESS_OR_HOST&port=PORT`: what this proxy would
/// do with such a connection, step by step, and what the policies of the destination say as far as
/// this proxy knows them. Opens nothing. Where an endpoint is drawn by chance, each answer draws
/// anew. Thread-safe.
public final class Explain implements AdminHandler {
  private static final String USAGE =
      "usage: /debug/explain?src=NAMESPACE/POD&dst=ADDRESS_OR_HOST&port=PORT\n";

  private final MeshStore mesh;
  private final OutboundDecider outbound;

  public Explain(MeshStore mesh, OutboundDecider outbound) {
    this.mesh = mesh;
    this.outbound = outbound;
  }

  @Override
  public AdminResponse handle(AdminRequest request) {
    var snapshot = mesh.current();
    var src = request.parameter("src");
    var dst = request.parameter("dst");
    int port = port(request.parameter("port"));
    if (src == null || dst == null || port < 0) {
      return AdminResponse.text(400, USAGE);
    }
    var source = source(snapshot, src);
    if (source == null || source.addresses().isEmpty()) {
      return AdminResponse.text(404, "no workload with an address is called " + src + "\n");
    }
    var address = destination(snapshot, source, dst);
    if (address == null) {
      return AdminResponse.text(404, "neither an address nor a host of the mesh: " + dst + "\n");
    }
    return answer(snapshot, source, new InetSocketAddress(address, port));
  }

  private AdminResponse answer(MeshSnapshot snapshot, Workload source, InetSocketAddress target) {
    var client = source.addresses().iterator().next();
    var explained = outbound.explain(snapshot, new OutboundRequest(source, client, target));
    var answer = new LinkedHashMap<String, @Nullable Object>();
    answer.put("source", source.uid());
    answer.put("target", target.getAddress().getHostAddress() + " port " + target.getPort());
    answer.put("decision", summary(explained.decision()));
    answer.put("steps", explained.steps());
    answer.put("policy", policy(snapshot, source, client, explained.decision()));
    return AdminResponse.streaming(
        200,
        "application/json",
        out -> {
          var writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          new JsonOutput(writer).write(answer);
          writer.write('\n');
          writer.flush();
        });
  }

  private static String summary(OutboundDecision decision) {
    return switch (decision) {
      case OutboundDecision.Tunnel tunnel ->
          "HBONE to " + tunnel.nextHop() + " for " + tunnel.authority();
      case OutboundDecision.TunnelInTunnel tunnel ->
          "HBONE in HBONE to " + tunnel.nextHop() + " for " + tunnel.authority();
      case OutboundDecision.Plaintext plain -> "TCP to " + plain.nextHop();
      case OutboundDecision.NeedsAddress needed -> "look up " + needed.hostname();
      case OutboundDecision.Refused(var why) -> "refused: " + why.message();
    };
  }

  /// What the policies of the next workload say; empty when that is none of the mesh, or is on
  /// another network.
  private static List<String> policy(
      MeshSnapshot snapshot, Workload source, InetAddress client, OutboundDecision decision) {
    var from = new InetSocketAddress(client, 0);
    return switch (decision) {
      case OutboundDecision.Tunnel tunnel ->
          verdict(
              snapshot,
              tunnel.destination(),
              new L4Connection(
                  source.identity(),
                  from,
                  new InetSocketAddress(tunnel.nextHop().getAddress(), tunnel.port())));
      case OutboundDecision.Plaintext(var nextHop, var workload, _) when workload != null ->
          verdict(snapshot, workload, new L4Connection(null, from, nextHop));
      default -> List.of();
    };
  }

  private static List<String> verdict(
      MeshSnapshot snapshot, Workload destination, L4Connection connection) {
    var evaluation = L4Authorizer.evaluate(snapshot.policiesFor(destination), connection);
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
    lines.add(evaluation.verdict().text());
    return lines;
  }

  private static @Nullable Workload source(MeshSnapshot snapshot, String text) {
    var byUid = snapshot.workload(text);
    if (byUid != null) {
      return byUid;
    }
    for (var workload : snapshot.workloads()) {
      if (text.equals(workload.namespace() + "/" + workload.name())) {
        return workload;
      }
    }
    return null;
  }

  private static @Nullable InetAddress destination(
      MeshSnapshot snapshot, Workload source, String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException notAnAddress) {
      var service = snapshot.serviceByHostname(text, source.namespace(), null);
      return service == null ? null : address(service, source.network());
    }
  }

  private static @Nullable InetAddress address(Service service, String network) {
    for (NetworkAddress vip : service.vips()) {
      if (vip.network().equals(network)) {
        return vip.address();
      }
    }
    return null;
  }

  private static int port(@Nullable String text) {
    try {
      int port = text == null ? -1 : Integer.parseInt(text);
      return port > 0 && port <= 65_535 ? port : -1;
    } catch (NumberFormatException notANumber) {
      return -1;
    }
  }
}
