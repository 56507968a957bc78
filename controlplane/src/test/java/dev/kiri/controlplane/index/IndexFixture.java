package dev.kiri.controlplane.index;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.Service;
import dev.kiri.mesh.proto.workload.Workload;
import java.util.Collection;
import java.util.List;

/// An index with objects put into it as YAML.
public final class IndexFixture {
  public final MeshIndex index = new MeshIndex(MeshSettings.standard());
  private final MeshResources resources = new MeshResources(index);

  public IndexFixture with(String... documents) {
    index.apply(Objects.puts(documents));
    return this;
  }

  /// A namespace `ns`, and a waypoint `w` in it that stands before its services.
  public IndexFixture withWaypoint() {
    return with(
        "{apiVersion: v1, kind: Namespace, metadata: {name: ns, labels: {istio.io/use-waypoint:"
            + " w}}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace:"
            + " ns}, spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008,"
            + " protocol: HBONE}]}}");
  }

  public IndexFixture without(String document) {
    index.apply(List.of(new ObjectChange.Gone(Objects.key(Objects.parse(document).getFirst()))));
    return this;
  }

  Workload workload(String namespace, String pod) throws InvalidProtocolBufferException {
    EncodedResource found = resources.addresses().get("Kubernetes//Pod/" + namespace + "/" + pod);
    return found == null ? null : Address.parseFrom(found.bytes()).getWorkload();
  }

  Service service(String namespace, String name) throws InvalidProtocolBufferException {
    EncodedResource found =
        resources.addresses().get(namespace + "/" + name + "." + namespace + ".svc.cluster.local");
    return found == null ? null : Address.parseFrom(found.bytes()).getService();
  }

  Authorization policy(String name) throws InvalidProtocolBufferException {
    EncodedResource found = resources.authorizations().get(name);
    return found == null ? null : Authorization.parseFrom(found.bytes());
  }

  EncodedResource address(String name) {
    return resources.addresses().get(name);
  }

  Collection<EncodedResource> addresses() {
    return resources.addresses().all();
  }

  List<String> policyNames() {
    return resources.authorizations().all().stream().map(EncodedResource::name).sorted().toList();
  }
}
