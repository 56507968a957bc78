package dev.kiri.bench.envoy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The manifests that put an Envoy into the benchmark's mesh as the waypoint of the service
/// `mesh/server-envoy`, which has the same pod behind it as `mesh/server`. Pure.
public final class EnvoyPod {
  private EnvoyPod() {}

  /// @param node where it runs: where our waypoint does
  /// @param main the command that runs [EnvoyMain], with its arguments
  public static String manifests(String node, List<String> main) {
    return template()
        .replace("${node}", node)
        // a JSON list is a YAML list
        .replace("${command}", JsonMapper.shared().writeValueAsString(main));
  }

  private static String template() {
    try (var in = EnvoyPod.class.getResourceAsStream("pod.yaml")) {
      if (in == null) {
        throw new IllegalStateException("pod.yaml is missing beside " + EnvoyPod.class.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
