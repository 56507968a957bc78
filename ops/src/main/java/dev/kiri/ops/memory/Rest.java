package dev.kiri.ops.memory;

/// When a process has come to rest after work, from what it has used of the processor, looked at
/// again and again. A decision for each look; confined to one thread.
final class Rest {
  /// Work that leaves something worth a collection.
  static final long WORK_MILLIS = 500;

  private static final double IDLE = 0.01;

  private long givenBackAt;
  private long lastCpu;

  /// Whether memory is to be given back now: hardly anything was done since the last look, and
  /// enough since memory was given back last. What a look causes counts for the next one.
  ///
  /// @param cpuMillis processor time of the process since its start
  /// @param sinceLastMillis time since the last look
  boolean begins(long cpuMillis, long sinceLastMillis) {
    boolean quiet = cpuMillis - lastCpu < sinceLastMillis * IDLE;
    lastCpu = cpuMillis;
    if (!quiet || cpuMillis - givenBackAt < WORK_MILLIS) {
      return false;
    }
    givenBackAt = cpuMillis;
    return true;
  }
}
