package dev.kiri.hbone.pool;

/// A stream on its way: asked for, perhaps waiting for a tunnel or for the peer's answer.
@FunctionalInterface
public interface Opening {

  /// Gives the stream up; its handler hears `closed`. Has no effect once the stream has opened or
  /// failed. May be called from any thread.
  void cancel();
}
