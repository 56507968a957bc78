package dev.kiri.redirect.zds;

/// What the agent asks of ztunnel. The namespace of an [Add] travels beside it.
public sealed interface ZdsRequest {
  /// Serve this pod.
  record Add(String uid, WorkloadInfo workload) implements ZdsRequest {}

  /// Do not drop this pod, whose namespace the agent does not know. Only before [SnapshotSent].
  record Keep(String uid) implements ZdsRequest {}

  /// Stop serving this pod.
  record Delete(String uid) implements ZdsRequest {}

  /// Every pod enrolled at connect time was named; drop those that were not.
  record SnapshotSent() implements ZdsRequest {}
}
