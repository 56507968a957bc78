package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.DirectMemory;

/// How large the windows of a tunnel's streams are to be. Pure.
///
/// - Small when much waits for readers, or direct memory is short: streams that stall get nothing
///   more, those whose readers take what comes go on as before.
/// - As much as is on its way at ten gigabits a second while the peer sends bulk beside others'
///   messages: more would wait in the loops of both ends, keep the processors busy, and messages
///   waiting.
/// - Large otherwise; a window that shrank grows again after [ReceiveWindows#MIN_SMALL_NANOS].
final class StreamWindow {
  static final int SMALL = 64 << 10;

  private static final int SHARED_BYTES_PER_MICRO = 1_250;

  /// @param waiting bytes that wait for readers, of the `most` that may
  /// @param present the window that the peer was told last, of the `largest` of the settings
  /// @param considerate the most for the sake of others
  /// @param mayGrow it shrank long enough ago
  static int wanted( // no record of all this: it is asked for every chunk
      int waiting,
      int most,
      int present,
      int largest,
      DirectMemory.Level memory,
      int considerate,
      boolean mayGrow) {
    int small = Math.min(SMALL, largest);
    if (waiting > most / 5 || memory != DirectMemory.Level.AMPLE) {
      return small;
    }
    if (present <= small && (!mayGrow || waiting > most / 20)) {
      return present;
    }
    if (considerate < largest) {
      return considerate;
    }
    return mayGrow ? largest : present;
  }

  /// For bulk beside messages, with a peer so far away.
  static int shared(long roundTripMicros) {
    long micros = Math.min(roundTripMicros, Integer.MAX_VALUE / SHARED_BYTES_PER_MICRO);
    return Math.max(SMALL, (int) micros * SHARED_BYTES_PER_MICRO);
  }

  private StreamWindow() {}
}
