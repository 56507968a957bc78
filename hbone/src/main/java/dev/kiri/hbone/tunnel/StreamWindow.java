package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.DirectMemory;

/// How large the windows of a tunnel's streams are to be. Pure.
///
/// - Small when much waits for readers, or direct memory is short: streams that stall get nothing
///   more, those whose readers take what comes go on as before.
/// - Shared while a near peer sends bulk beside others' messages: what waits before a message, in
///   this tunnel and the loops of both ends, is at most that. A far peer needs its window for the
///   way itself.
/// - Large otherwise; a window that shrank grows again after [ReceiveWindows#MIN_SMALL_NANOS].
final class StreamWindow {
  static final int SMALL = 64 << 10;
  static final int SHARED = 1 << 20;

  /// @param waiting bytes that wait for readers, of the `most` that may
  /// @param present the window that the peer was told last, of the `largest` of the settings
  /// @param mayGrow it shrank long enough ago
  static int wanted( // no record of all this: it is asked for every chunk
      int waiting,
      int most,
      int present,
      int largest,
      DirectMemory.Level memory,
      boolean bulkBesideMessages,
      boolean mayGrow) {
    int small = Math.min(SMALL, largest);
    if (waiting > most / 5 || memory != DirectMemory.Level.AMPLE) {
      return small;
    }
    if (present <= small && (!mayGrow || waiting > most / 20)) {
      return present;
    }
    if (bulkBesideMessages) {
      return Math.min(SHARED, largest);
    }
    return mayGrow ? largest : present;
  }

  private StreamWindow() {}
}
