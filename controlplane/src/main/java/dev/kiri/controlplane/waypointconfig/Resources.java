package dev.kiri.controlplane.waypointconfig;

import com.google.protobuf.Timestamp;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.MeshObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.Resource;
import java.util.List;
import java.util.Set;

/// Wraps a configuration into a resource that names its object.
final class Resources {
  private Resources() {}

  static Resource.Builder of(MeshObject object) {
    return Resource.newBuilder().setSource(reference(object));
  }

  static ObjectRef reference(MeshObject object) {
    return ObjectRef.newBuilder()
        .setKind(object.kind().kindName())
        .setNamespace(object.meta().namespace())
        .setName(object.meta().name())
        .setGeneration(object.meta().generation())
        .build();
  }

  /// Among objects that say different things, the oldest counts.
  static Timestamp created(MeshObject object) {
    return Timestamp.newBuilder().setSeconds(object.meta().created().getEpochSecond()).build();
  }

  static EncodedResource encode(MeshObject object, Resource.Builder resource) {
    String namespace = object.kind().namespaced() ? object.meta().namespace() : "_";
    return EncodedResource.of(
        WellKnown.WAYPOINT_TYPE,
        object.kind().kindName() + "/" + namespace + "/" + object.meta().name(),
        resource.build(),
        List.of(),
        Set.of(),
        "");
  }
}
