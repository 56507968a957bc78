package dev.kiri.cli.cluster;

import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.List;
import java.util.Optional;

/// A mesh that `./kiri up` started on this machine.
public final class LocalCluster implements Cluster {
  private final LocalMesh mesh;

  private LocalCluster(LocalMesh mesh) {
    this.mesh = mesh;
  }

  /// @throws dev.kiri.local.api.MeshException when no mesh of this name runs
  public static LocalCluster named(String name) {
    return new LocalCluster(LocalMesh.find(name));
  }

  @Override
  public List<KubeObject> list(String kind, String namespace) {
    return mesh.objects(kind, namespace);
  }

  @Override
  public Optional<KubeObject> get(ObjectKey key) {
    return mesh.object(key);
  }

  @Override
  public List<String> apply(KubeObject object) {
    return mesh.apply(List.of(object));
  }

  @Override
  public boolean delete(ObjectKey key) {
    return mesh.delete(key);
  }

  @Override
  public HttpReply http(String namespace, String pod, int port, String method, String path) {
    var answer = mesh.http(namespace, pod, port, method, path);
    return new HttpReply(answer.status(), answer.body());
  }
}
