package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.source.ObjectWriter;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Writes objects and status into a cluster by server-side apply. What it has written is known from
/// the source, so that nothing is asked for and nothing is written twice; an apply that changes
/// nothing is no event at the server either. Thread-safe; blocks.
final class KubernetesWriter implements ObjectWriter {
  /// The field manager.
  static final String MANAGER = "kiri.dev/controlplane";

  private static final String QUERY = "?fieldManager=" + MANAGER + "&force=true";

  private final KubernetesApi api;
  private final AppliedStatuses applied;

  KubernetesWriter(KubernetesApi api, AppliedStatuses applied) {
    this.api = api;
    this.applied = applied;
  }

  @Override
  public void apply(ObjectKey key, Map<String, Object> object) throws IOException {
    Map<String, Object> tree = new LinkedHashMap<>(object);
    tree.put("apiVersion", api.apiVersion(key.kind()));
    api.send("PATCH", path(key) + QUERY, KubernetesApi.APPLY, tree);
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    try {
      api.send("DELETE", path(key), KubernetesApi.JSON, Map.of());
    } catch (KubernetesApi.Refusal refusal) {
      if (refusal.code() != 404) {
        throw refusal;
      }
    }
  }

  @Override
  public Map<String, Object> status(ObjectKey key) {
    return applied.of(key);
  }

  @Override
  public Set<ObjectKey> withStatus() {
    return applied.keys();
  }

  /// An object that is gone by now needs no status.
  @Override
  public void writeStatus(ObjectKey key, Map<String, Object> status) throws IOException {
    Map<String, Object> names = new HashMap<>(Map.of("name", key.name()));
    if (key.kind().namespaced()) {
      names.put("namespace", key.namespace());
    }
    try {
      api.send(
          "PATCH",
          path(key) + "/status" + QUERY,
          KubernetesApi.APPLY,
          Map.of(
              "apiVersion",
              api.apiVersion(key.kind()),
              "kind",
              key.kind().kindName(),
              "metadata",
              names,
              "status",
              status));
      applied.put(key, status);
    } catch (KubernetesApi.Refusal refusal) {
      if (refusal.code() != 404) {
        throw refusal;
      }
      applied.put(key, Map.of());
    }
  }

  private String path(ObjectKey key) throws IOException {
    return api.path(key.kind(), key.namespace(), key.name());
  }
}
