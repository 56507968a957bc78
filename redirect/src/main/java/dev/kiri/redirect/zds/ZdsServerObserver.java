package dev.kiri.redirect.zds;

/// What happens on the agent's end; called on the connections' threads, must not block.
public interface ZdsServerObserver {
  /// A ztunnel connected or left; the number that is connected now.
  default void connections(int connected) {}

  /// A ztunnel connected, under an id for the log.
  default void connected(String id) {}

  /// A connection ended and why.
  default void disconnected(String id, String why) {}

  /// A pod is about to be named in the snapshot.
  default void snapshotPod(String id, ZdsPod pod) {}

  /// The snapshot was sent; how many of its pods ztunnel refused.
  default void snapshotSent(String id, int pods, int refused) {}

  /// Ztunnel refused a pod of the snapshot.
  default void snapshotRefused(String id, ZdsPod pod, String error) {}

  /// The listening socket failed; no ztunnel can connect any more.
  default void listenerFailed(String why) {}
}
