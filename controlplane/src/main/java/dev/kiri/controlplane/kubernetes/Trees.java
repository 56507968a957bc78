package dev.kiri.controlplane.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An object of the fabric8 client as the tree that a file would give. Pure.
final class Trees {
  private Trees() {}

  static Map<String, Object> of(GenericKubernetesResource object) {
    Map<String, Object> tree = new HashMap<>(object.getAdditionalProperties());
    tree.put("apiVersion", object.getApiVersion());
    tree.put("kind", object.getKind());
    tree.put("metadata", metadata(object.getMetadata()));
    return tree;
  }

  /// What the mesh reads of metadata.
  private static Map<String, Object> metadata(ObjectMeta meta) {
    Map<String, Object> tree = new HashMap<>();
    put(tree, "name", meta.getName());
    put(tree, "namespace", meta.getNamespace());
    put(tree, "uid", meta.getUid());
    put(tree, "generateName", meta.getGenerateName());
    put(tree, "creationTimestamp", meta.getCreationTimestamp());
    put(tree, "deletionTimestamp", meta.getDeletionTimestamp());
    put(tree, "generation", meta.getGeneration());
    put(tree, "labels", meta.getLabels());
    put(tree, "annotations", meta.getAnnotations());
    List<Map<String, Object>> owners =
        meta.getOwnerReferences().stream()
            .map(
                owner -> {
                  Map<String, Object> each = new HashMap<>();
                  put(each, "kind", owner.getKind());
                  put(each, "name", owner.getName());
                  put(each, "uid", owner.getUid());
                  put(each, "controller", owner.getController());
                  return each;
                })
            .toList();
    if (!owners.isEmpty()) {
      tree.put("ownerReferences", owners);
    }
    return tree;
  }

  private static void put(Map<String, Object> tree, String name, @Nullable Object value) {
    if (value != null && !(value instanceof Map<?, ?> map && map.isEmpty())) {
      tree.put(name, value);
    }
  }

  /// The part of an object's status that a field manager has applied; empty where it has none.
  static Map<String, Object> appliedStatus(GenericKubernetesResource object, String manager) {
    if (object.getAdditionalProperties().get("status") instanceof Map<?, ?> status) {
      for (ManagedFieldsEntry entry : object.getMetadata().getManagedFields()) {
        if (manager.equals(entry.getManager())
            && "Apply".equals(entry.getOperation())
            && "status".equals(entry.getSubresource())
            && entry.getFieldsV1() != null
            && entry.getFieldsV1().getAdditionalProperties().get("f:status")
                instanceof Map<?, ?> owned) {
          return OwnedFields.of(status, owned);
        }
      }
    }
    return Map.of();
  }
}
