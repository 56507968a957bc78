package dev.kiri.controlplane.kinds;

import java.util.Map;

/// An object of a kind that would change what the mesh does and that Kiri does not honour. It is
/// never in force; it is read so that it can say so.
public record UnhonouredObject(Meta meta, Kind kind) implements MeshObject {
  /// The kinds, and what there is in their place.
  static final Map<Kind, String> INSTEAD =
      Map.of(
          Kind.WORKLOAD_GROUP, "a WorkloadEntry for each machine: machines do not register",
          Kind.SIDECAR, "nothing: there are no sidecars in an ambient mesh",
          Kind.ENVOY_FILTER, "nothing: Kiri has no Envoy to patch",
          Kind.PROXY_CONFIG, "nothing: it configures sidecars",
          Kind.WASM_PLUGIN, "nothing: plugins are not run",
          Kind.TELEMETRY, "the settings of the proxies");

  /// Whether objects of a kind are never in force.
  public static boolean isKind(Kind kind) {
    return INSTEAD.containsKey(kind);
  }

  static UnhonouredObject read(Kind kind, Meta meta, Fields top) {
    top.problems()
        .error(
            "kind",
            kind.group() + "/" + kind.kindName() + ", which cannot be honoured",
            INSTEAD.getOrDefault(kind, ""));
    return new UnhonouredObject(meta, kind);
  }
}
