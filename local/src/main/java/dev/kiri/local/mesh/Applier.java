package dev.kiri.local.mesh;

import dev.kiri.local.service.ServiceAddresses;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import dev.kiri.local.store.ObjectStore;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Puts users' documents into the store as `kubectl apply` would: what was filled in for an object
/// stays unless the document says otherwise, and a document that did not change does nothing.
/// Thread-safe.
final class Applier {
  private static final List<String> GIVEN_TO_SERVICES =
      List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");

  private final ObjectStore store;
  private final Clock clock;
  private final Map<ObjectKey, KubeObject> applied = new HashMap<>();

  Applier(ObjectStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  synchronized void apply(KubeObject document) {
    var key = document.key();
    var old = store.get(key);
    var before = applied.put(key, document);
    if (old.isEmpty()) {
      store.put(document);
      return;
    }
    if (document.equals(before)) {
      return;
    }
    switch (document.kind()) {
      case "Pod" -> pod(old.get(), document, before == null ? old.get() : before);
      case "Service" -> store.put(service(old.get(), document));
      case "Node" -> store.update(key, now -> withMetadata(now, document, now.labels()));
      case "Namespace" ->
          store.put(document.with(key.name(), "metadata", "labels", "kubernetes.io/metadata.name"));
      default -> store.put(document);
    }
  }

  synchronized void forget(ObjectKey key) {
    applied.remove(key);
  }

  /// A pod's spec cannot change: another spec is another pod.
  private void pod(KubeObject old, KubeObject document, KubeObject before) {
    if (before.map("spec").equals(document.map("spec"))) {
      store.update(old.key(), now -> withMetadata(now, document, Map.of()));
      return;
    }
    MeshLoop.terminate(store, old.key(), clock);
    Thread.ofVirtual()
        .name("replacing " + old.key())
        .start(
            () -> {
              while (store.get(old.key()).filter(p -> p.uid().equals(old.uid())).isPresent()) {
                try {
                  Thread.sleep(10);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                  return;
                }
              }
              store.put(document);
            });
  }

  private static KubeObject withMetadata(
      KubeObject now, KubeObject document, Map<String, String> kept) {
    var labels = new HashMap<String, Object>(kept);
    labels.putAll(document.map("metadata", "labels"));
    return now.with(labels, "metadata", "labels")
        .with(document.map("metadata", "annotations"), "metadata", "annotations");
  }

  private KubeObject service(KubeObject old, KubeObject document) {
    var out = document;
    boolean sameSort =
        old.text("spec", "clusterIP").equals("None")
                == document.text("spec", "clusterIP").equals("None")
            && document.textOr("ClusterIP", "spec", "type").equals("ExternalName")
                == old.text("spec", "type").equals("ExternalName");
    for (var field : GIVEN_TO_SERVICES) {
      if (sameSort && out.at("spec", field) == null && old.at("spec", field) != null) {
        out = out.with(old.at("spec", field), "spec", field);
      }
    }
    return ServiceAddresses.complete(out, store.list("Service"));
  }
}
