package dev.kiri.controlplane.source;

/// Hears what a [WriteQueue] does; for metrics. Called under the queue's lock or on its thread;
/// must
/// not block.
public interface WriteObserver {
  /// So many writes wait now.
  void waiting(int writes);

  /// A write has come to its turn, that many nanoseconds after it was first asked for.
  void taken(long nanosWaited);

  /// A write has ended, well or not, that many nanoseconds after its turn came.
  void done(long nanos);

  /// A write has failed for good.
  void givenUp();
}
