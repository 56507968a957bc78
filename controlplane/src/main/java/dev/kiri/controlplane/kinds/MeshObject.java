package dev.kiri.controlplane.kinds;

import java.util.Comparator;

/// An object the control plane understands.
public sealed interface MeshObject
    permits NamespaceObject,
        ServiceAccountObject,
        NodeObject,
        PodObject,
        ServiceObject,
        ConfigMapObject,
        MadeObject,
        EndpointSliceObject,
        GatewayClassObject,
        GatewayObject,
        RouteObject,
        ReferenceGrantObject,
        BackendTlsPolicyObject,
        AuthorizationPolicyObject,
        PeerAuthenticationObject,
        RequestAuthenticationObject,
        ServiceEntryObject,
        WorkloadEntryObject,
        VirtualServiceObject,
        DestinationRuleObject,
        UnhonouredObject {
  /// The oldest first: of objects that claim the same, it counts.
  Comparator<MeshObject> AGE =
      Comparator.comparing((MeshObject object) -> object.meta().created())
          .thenComparing(MeshObject::key);

  /// Name, namespace, labels and so on.
  Meta meta();

  /// The object's kind.
  Kind kind();

  /// The object's key.
  default ObjectKey key() {
    return new ObjectKey(kind(), meta().namespace(), meta().name());
  }
}
