package dev.kiri.cli.cluster;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.List;
import java.util.Optional;

/// What the commands need of a mesh: its objects, and the admin ports of its proxies. Every call
/// asks anew; failures carry one line for the user.
public interface Cluster {
  /// The objects of a kind; an empty namespace means all of them.
  List<KubeObject> list(String kind, String namespace);

  Optional<KubeObject> get(ObjectKey key);

  /// Creates or changes an object, keeping the fields it does not name. Returns warnings.
  List<String> apply(KubeObject object);

  /// False when there was no such object.
  boolean delete(ObjectKey key);

  /// Asks the HTTP server on the loopback address inside a pod. The path may carry a query.
  HttpReply http(String namespace, String pod, int port, String method, String path);

  /// What it answered.
  record HttpReply(int status, String body) {}
}
