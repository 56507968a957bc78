package dev.kiri.controlplane.kinds;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// A ConfigMap: the root certificate in a namespace, to see whether it is the present one, and the
/// mesh's configuration, or overlays over a Gateway's objects.
///
/// @param data root certificates and [#OVERLAYS]; of other keys the name only, as there may be
///     large ones
/// @param mesh what a ConfigMap [MeshConfig#CONFIG_MAP] says; counts in the root namespace only
public record ConfigMapObject(Meta meta, Map<String, String> data, MeshConfig mesh)
    implements MeshObject {
  /// The keys of overlays by the kind that they are laid over.
  public static final Map<String, Kind> OVERLAYS =
      Map.of(
          "deployment", Kind.DEPLOYMENT,
          "service", Kind.SERVICE,
          "serviceAccount", Kind.SERVICE_ACCOUNT,
          "horizontalPodAutoscaler", Kind.HORIZONTAL_POD_AUTOSCALER,
          "podDisruptionBudget", Kind.POD_DISRUPTION_BUDGET);

  /// The keys of root certificates, of the mesh and of others.
  private static final Set<String> ROOTS = Set.of("root-cert.pem", "ca.crt");

  @Override
  public Kind kind() {
    return Kind.CONFIG_MAP;
  }

  static ConfigMapObject read(Meta meta, Fields top) {
    Map<String, String> data = top.stringMap("data");
    Map<String, String> kept = new HashMap<>();
    data.forEach(
        (key, value) ->
            kept.put(key, ROOTS.contains(key) || OVERLAYS.containsKey(key) ? value : ""));
    top.ignore("binaryData", "immutable");
    return new ConfigMapObject(
        meta,
        Map.copyOf(kept),
        meta.name().equals(MeshConfig.CONFIG_MAP)
            ? MeshConfigReader.read(data.get(MeshConfig.KEY), top.child("data"))
            : MeshConfig.NONE);
  }
}
