package dev.kiri.controlplane.kinds;

/// A GatewayClass: which controller answers for its Gateways, and their defaults by label and
/// annotation.
public record GatewayClassObject(Meta meta, String controllerName) implements MeshObject {
  @Override
  public Kind kind() {
    return Kind.GATEWAY_CLASS;
  }

  static GatewayClassObject read(Meta meta, Fields top) {
    Fields spec = top.child("spec");
    GatewayClassObject read = new GatewayClassObject(meta, spec.required("controllerName"));
    spec.ignore("description", "parametersRef");
    spec.done();
    return read;
  }
}
