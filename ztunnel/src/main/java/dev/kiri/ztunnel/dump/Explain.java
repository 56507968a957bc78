package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.ztunnel.dns.LocalNames;
import dev.kiri.ztunnel.inbound.InboundDecider;
import dev.kiri.ztunnel.outbound.OutboundDecider;
import dev.kiri.ztunnel.outbound.OutboundRequest;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Answers `/debug/explain`: what this proxy would do with a connection, decided by the functions
/// that decide about real ones, with each step. Opens nothing. Thread-safe.
///
/// With `src=NAMESPACE/POD&dst=ADDRESS_OR_HOST_OR_NAMESPACE/POD&port=PORT`: one that leaves a pod,
/// and what the policies of the destination say as far as this proxy knows them. Host names are
/// those a program in the pod may use, and lead where the name service would lead it. Where an
/// endpoint is drawn by chance, each answer draws anew.
///
/// With `src=NAMESPACE/POD&to=NAMESPACE/POD&port=PORT`: one that arrives for a pod, in a tunnel
/// that `src` opened, or in plain text with `plain=true`; `service=NAMESPACE/HOST` says that the
/// port is one of the service.
public final class Explain implements AdminHandler {
  private static final String USAGE =
      """
      usage: /debug/explain?src=NAMESPACE/POD&dst=ADDRESS_OR_HOST&port=PORT
             /debug/explain?src=NAMESPACE/POD&to=NAMESPACE/POD&port=PORT[&service=NAMESPACE/HOST][&plain=true]
      """;

  private final MeshStore mesh;
  private final OutboundDecider outbound;
  private final LocalNames names;
  private final ArrivalAnswer arrivals;

  public Explain(
      MeshStore mesh, OutboundDecider outbound, InboundDecider inbound, LocalNames names) {
    this.mesh = mesh;
    this.outbound = outbound;
    this.names = names;
    this.arrivals = new ArrivalAnswer(inbound);
  }

  @Override
  public AdminResponse handle(AdminRequest request) {
    var snapshot = mesh.current();
    var src = request.parameter("src");
    var dst = request.parameter("dst");
    var to = request.parameter("to");
    int port = port(request.parameter("port"));
    if (src == null || (dst == null) == (to == null) || port < 0) {
      return AdminResponse.text(400, USAGE);
    }
    var source = workload(snapshot, src);
    if (source == null || source.addresses().isEmpty()) {
      return unknown(src);
    }
    if (to != null) {
      var local = workload(snapshot, to);
      return local == null || local.addresses().isEmpty()
          ? unknown(to)
          : json(arrivals.of(snapshot, source, local, port, request));
    }
    var address = destination(snapshot, source, String.valueOf(dst));
    if (address == null) {
      return AdminResponse.text(
          404,
          "neither an address, nor a host of the mesh as seen from namespace "
              + source.namespace()
              + ", nor NAMESPACE/POD of a pod with an address: "
              + dst
              + "\n");
    }
    var client = source.addresses().getFirst();
    var asked = new OutboundRequest(source, client, new InetSocketAddress(address, port));
    return json(DepartureAnswer.of(snapshot, asked, outbound.explain(snapshot, asked)));
  }

  private static AdminResponse unknown(String name) {
    return AdminResponse.text(
        404, "no workload with an address is called " + name + ", expected NAMESPACE/POD\n");
  }

  private static AdminResponse json(Map<String, @Nullable Object> answer) {
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

  private static @Nullable Workload workload(MeshSnapshot snapshot, String text) {
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

  private @Nullable InetAddress destination(MeshSnapshot snapshot, Workload source, String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException notAnAddress) {
      if (text.indexOf('/') < 0) {
        return names.address(snapshot, source, text);
      }
      var pod = workload(snapshot, text);
      return pod == null || pod.addresses().isEmpty() ? null : pod.addresses().getFirst();
    }
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
