package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import dev.kiri.local.store.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A cluster in memory. Objects change only when a command, or the test, changes them.
final class FakeCluster implements Cluster {
  final Map<ObjectKey, KubeObject> objects = new TreeMap<>();
  final Map<String, HttpReply> replies = new LinkedHashMap<>();
  final List<String> requests = new ArrayList<>();

  FakeCluster with(String yaml) {
    for (var document : Yaml.documents("test", yaml)) {
      var object = KubeObject.of(KubeObject.asMap(document));
      objects.put(object.key(), object);
    }
    return this;
  }

  /// `request` is `METHOD NAMESPACE/POD:PORT/PATH`.
  FakeCluster answering(String request, int status, String body) {
    replies.put(request, new HttpReply(status, body));
    return this;
  }

  KubeObject object(String kind, String namespace, String name) {
    return get(ObjectKey.of(kind, namespace, name)).orElseThrow();
  }

  @Override
  public List<KubeObject> list(String kind, String namespace) {
    return objects.values().stream()
        .filter(o -> o.kind().equals(kind))
        .filter(o -> namespace.isEmpty() || o.namespace().equals(namespace))
        .toList();
  }

  @Override
  public Optional<KubeObject> get(ObjectKey key) {
    return Optional.ofNullable(objects.get(key));
  }

  @Override
  public List<String> apply(KubeObject object) {
    objects.put(object.key(), object);
    return List.of();
  }

  @Override
  public boolean delete(ObjectKey key) {
    return objects.remove(key) != null;
  }

  @Override
  public HttpReply http(String namespace, String pod, int port, String method, String path) {
    var request = method + " " + namespace + "/" + pod + ":" + port + path;
    requests.add(request);
    var reply = replies.get(request);
    if (reply == null) {
      throw new MeshException("connection refused");
    }
    return reply;
  }
}
