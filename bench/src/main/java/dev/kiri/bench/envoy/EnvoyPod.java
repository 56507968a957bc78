package dev.kiri.bench.envoy;

import dev.kiri.bench.resource.ResourceText;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The manifests that put an Envoy into the benchmark's mesh as the waypoint of the service
/// `mesh/server-envoy`, which has the same pod behind it as `mesh/server`. Pure.
public final class EnvoyPod {
  private EnvoyPod() {}

  /// @param node where it runs: where our waypoint does
  /// @param main the command that runs [EnvoyMain], with its arguments
  public static String manifests(String node, List<String> main) {
    return ResourceText.beside(EnvoyPod.class, "pod.yaml")
        .replace("${node}", node)
        // a JSON list is a YAML list
        .replace("${command}", JsonMapper.shared().writeValueAsString(main));
  }
}
