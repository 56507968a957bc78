package dev.kiri.controlplane.kinds;

import org.jspecify.annotations.Nullable;

/// Where a Gateway or a GatewayClass says its parameters are.
///
/// @param namespace of a GatewayClass's parameters; empty where nothing is said
public record ParametersRef(String group, String kind, String namespace, String name) {
  /// The `parametersRef` of a document; null where there is none.
  static @Nullable ParametersRef read(Fields parent) {
    if (!parent.has("parametersRef")) {
      parent.ignore("parametersRef");
      return null;
    }
    Fields reference = parent.child("parametersRef");
    ParametersRef read =
        new ParametersRef(
            reference.stringOr("group", ""),
            reference.required("kind"),
            reference.stringOr("namespace", ""),
            reference.required("name"));
    reference.done();
    return read;
  }

  /// Whether it names a ConfigMap.
  public boolean isConfigMap() {
    return group.isEmpty() && kind.equals("ConfigMap");
  }
}
