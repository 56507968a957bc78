package dev.kiri.hbone.transport;

import io.netty.util.internal.PlatformDependent;

/// How much of the process's direct memory is taken: the buffers of all its tunnels, and whatever
/// else of Netty's. Thread-safe; reads two counters.
///
/// The bound is `-XX:MaxDirectMemorySize` (or `io.netty.maxDirectMemory`). Who would take memory
/// for long asks first, so that nobody meets the bound itself: an OutOfDirectMemoryError hits
/// whoever comes next, not who holds it.
public final class DirectMemory {

  /// What is left, from plenty to little.
  public enum Level {
    AMPLE,
    /// Five eighths are taken: no more is promised to anybody who does not give it back at once.
    SHORT,
    /// Three quarters are taken: those who hold most give it up.
    CRITICAL
  }

  /// Now.
  public static Level level() {
    return level(used(), bound());
  }

  static Level level(long used, long bound) {
    if (used <= bound / 8 * 5) { // as also where nobody counts: -1
      return Level.AMPLE;
    }
    return used <= bound / 4 * 3 ? Level.SHORT : Level.CRITICAL;
  }

  /// Bytes taken; -1 where Netty does not count them.
  public static long used() {
    return PlatformDependent.usedDirectMemory();
  }

  /// Bytes that may be taken.
  public static long bound() {
    return PlatformDependent.maxDirectMemory();
  }

  private DirectMemory() {}
}
