package dev.kiri.controlplane.kinds;

import org.jspecify.annotations.Nullable;

/// A GatewayClass: which controller answers for its Gateways, and their defaults by label,
/// annotation and parameters.
public record GatewayClassObject(
    Meta meta, String controllerName, @Nullable ParametersRef parametersRef) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.GATEWAY_CLASS;
  }

  static GatewayClassObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    GatewayClassObject read =
        new GatewayClassObject(meta, spec.required("controllerName"), ParametersRef.read(spec));
    spec.ignore("description");
    spec.done();
    return read;
  }
}
