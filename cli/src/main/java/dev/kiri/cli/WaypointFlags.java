package dev.kiri.cli;

import dev.kiri.cli.output.CommandFailed;
import dev.kiri.local.store.KubeObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags that describe a waypoint, and the Gateway they describe.
final class WaypointFlags {
  private static final List<String> TRAFFIC_TYPES = List.of("all", "none", "service", "workload");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final int HBONE_PORT = 15008;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "waypoint",
      description = "name of the waypoint (default: ${DEFAULT-VALUE})")
  private String name = "waypoint";

  @Option(
      names = "--for",
      paramLabel = "TYPE",
      description = "traffic it is for: all, none, service or workload (default: service)")
  private @Nullable String trafficType;

  @Option(
      names = {"-r", "--revision"},
      paramLabel = "REVISION",
      description = "revision of the control plane that serves it")
  private @Nullable String revision;

  @Option(
      names = "--class",
      paramLabel = "CLASS",
      defaultValue = Waypoints.DEFAULT_CLASS,
      description = "GatewayClass of the waypoint (default: ${DEFAULT-VALUE})")
  private String gatewayClass = Waypoints.DEFAULT_CLASS;

  String name() {
    return name.isEmpty() ? "waypoint" : name;
  }

  /// @param namespace null leaves it out
  /// @throws CommandFailed when the flags describe no valid waypoint
  KubeObject gateway(@Nullable String namespace) {
    check();
    var labels = new LinkedHashMap<String, Object>();
    if (given(revision)) {
      labels.put(Waypoints.REVISION_LABEL, revision);
    }
    if (given(trafficType)) {
      labels.put(Waypoints.FOR_LABEL, trafficType);
    }
    var metadata = new LinkedHashMap<String, Object>();
    if (!labels.isEmpty()) {
      metadata.put("labels", labels);
    }
    metadata.put("name", name());
    if (namespace != null) {
      metadata.put("namespace", namespace);
    }
    var listener = Map.of("name", "mesh", "port", HBONE_PORT, "protocol", "HBONE");
    return KubeObject.of(
        Map.of(
            "apiVersion",
            "gateway.networking.k8s.io/v1",
            "kind",
            "Gateway",
            "metadata",
            metadata,
            "spec",
            Map.of("gatewayClassName", gatewayClass, "listeners", List.of(listener))));
  }

  private void check() {
    if (name.equals("none")) {
      throw CommandFailed.because(
          "failed to create gateway: invalid name provided for waypoint, 'none' is a reserved"
              + " value");
    }
    if (!NAME.matcher(name()).matches()) {
      throw CommandFailed.because(
          "failed to create gateway: invalid name provided for waypoint, \""
              + name
              + "\": accepted are up to 63 lower-case letters, digits and inner dashes");
    }
    if (given(trafficType) && !TRAFFIC_TYPES.contains(trafficType)) {
      throw CommandFailed.because(
          "failed to create gateway: invalid traffic type: "
              + trafficType
              + ". Valid options are: ["
              + String.join(" ", TRAFFIC_TYPES)
              + "]");
    }
  }

  private static boolean given(@Nullable String text) {
    return text != null && !text.isEmpty();
  }
}
