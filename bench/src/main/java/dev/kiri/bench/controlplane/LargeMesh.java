package dev.kiri.bench.controlplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/// A control plane that serves a large mesh to a node proxy of this machine. Closing it ends it and
/// removes what it wrote.
public final class LargeMesh implements AutoCloseable {
  private static final int PODS_PER_SERVICE = 20;

  private final Path folder;
  private final Plane plane;

  /// Returns when it is served; takes some ten seconds for 100 000 pods.
  public static LargeMesh of(int pods) throws IOException {
    var folder = Files.createTempDirectory("kiri-bench-large");
    return new LargeMesh(folder, new Plane(folder, pods, pods / PODS_PER_SERVICE));
  }

  private LargeMesh(Path folder, Plane plane) {
    this.folder = folder;
    this.plane = plane;
  }

  /// Where a proxy may write.
  public Path folder() {
    return folder;
  }

  /// What tells a node proxy, ours or upstream's, to get its mesh here. There is no node agent, so
  /// it serves no pod.
  public Map<String, String> environment() {
    var address = "https://127.0.0.1:" + plane.port();
    var roots = folder.resolve("root.pem").toString();
    var name = "istiod.istio-system.svc";
    return Map.ofEntries(
        Map.entry("XDS_ADDRESS", address),
        Map.entry("XDS_ROOT_CA", roots),
        Map.entry("ALT_XDS_HOSTNAME", name),
        Map.entry("CA_ADDRESS", address),
        Map.entry("CA_ROOT_CA", roots),
        Map.entry("ALT_CA_HOSTNAME", name),
        Map.entry("AUTH_TOKEN", "bench"),
        Map.entry("ADMIN_ADDR", "127.0.0.1:0"),
        Map.entry("STATS_ADDR", "127.0.0.1:0"),
        Map.entry("READINESS_ADDR", "127.0.0.1:0"),
        Map.entry("INPOD_UDS", folder.resolve("no-agent.sock").toString()),
        Map.entry("NODE_NAME", "node-1"),
        Map.entry("CLUSTER_ID", "Kubernetes"),
        Map.entry("POD_NAME", "ztunnel"),
        Map.entry("POD_NAMESPACE", "istio-system"));
  }

  @Override
  public void close() throws IOException {
    plane.close();
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
