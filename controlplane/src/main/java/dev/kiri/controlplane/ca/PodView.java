package dev.kiri.controlplane.ca;

import org.jspecify.annotations.Nullable;

/// What the certificate authority knows of pods. Thread-safe, never blocks.
public interface PodView {
  /// UID, service account and node of a pod, or null where it is not known.
  @Nullable Facts pod(String namespace, String name);

  /// Whether a pod of that account that has not failed is on the node.
  boolean accountRunsOn(String namespace, String serviceAccount, String node);

  /// What identifies a pod and binds it to a node.
  record Facts(String uid, String serviceAccount, String node) {}
}
