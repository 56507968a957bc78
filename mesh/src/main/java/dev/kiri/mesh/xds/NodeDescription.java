package dev.kiri.mesh.xds;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a proxy introduces itself on the stream.
///
/// @param id `type~ip~pod.namespace~namespace.svc.cluster.local`
/// @param metadata values are null, Boolean, Number, String, List or Map of the same
public record NodeDescription(String id, Map<String, @Nullable Object> metadata) {

  public NodeDescription {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /// The description of a proxy in a pod, with the metadata every control plane expects.
  ///
  /// @param type `ztunnel` or `waypoint`
  /// @param ip empty if not known; then upstream's placeholder 1.1.1.1 stands for it
  /// @param node empty if not known; then left out
  /// @param more wins over what is made here
  public static NodeDescription of(
      String type,
      String ip,
      String pod,
      String namespace,
      String node,
      Map<String, ? extends @Nullable Object> more) {
    String address = ip.isEmpty() ? "1.1.1.1" : ip;
    var metadata = new LinkedHashMap<String, @Nullable Object>();
    metadata.put("NAME", pod);
    metadata.put("NAMESPACE", namespace);
    metadata.put("INSTANCE_IPS", address);
    if (!node.isEmpty()) {
      metadata.put("NODE_NAME", node);
    }
    metadata.putAll(more);
    return new NodeDescription(
        "%s~%s~%s.%s~%s.svc.cluster.local".formatted(type, address, pod, namespace, namespace),
        metadata);
  }
}
