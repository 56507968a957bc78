package dev.kiri.controlplane.kinds;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// A ConfigMap: the root certificate in a namespace, to see whether it is the present one, and the
/// mesh's configuration, or overlays over a Gateway's objects.
///
/// @param data the values of [#KEPT]; of other keys the name only, as there may be large ones
/// @param mesh what a ConfigMap [MeshConfig#CONFIG_MAP] says; counts in the root namespace only
public record ConfigMapObject(Meta meta, Map<String, String> data, MeshConfig mesh)
    implements MeshObject {
  /// The keys of root certificates, of the mesh and of others, and those of overlays.
  static final Set<String> KEPT =
      Set.of(
          "root-cert.pem",
          "ca.crt",
          "deployment",
          "service",
          "serviceAccount",
          "horizontalPodAutoscaler",
          "podDisruptionBudget");

  @Override
  public Kind kind() {
    return Kind.CONFIG_MAP;
  }

  static ConfigMapObject read(Meta meta, Fields top) {
    Map<String, String> data = top.stringMap("data");
    Map<String, String> kept = new HashMap<>();
    data.forEach((key, value) -> kept.put(key, KEPT.contains(key) ? value : ""));
    top.ignore("binaryData", "immutable");
    return new ConfigMapObject(
        meta,
        Map.copyOf(kept),
        meta.name().equals(MeshConfig.CONFIG_MAP)
            ? MeshConfigReader.read(data.get(MeshConfig.KEY), top.child("data"))
            : MeshConfig.NONE);
  }
}
