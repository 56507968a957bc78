package dev.kiri.hbone.tunnel;

/// What the peer's SETTINGS say (RFC 9113 6.5.2). Confined to one loop.
final class PeerSettings {
  static final int HEADER_TABLE_SIZE = 0x1;
  static final int ENABLE_PUSH = 0x2;
  static final int MAX_CONCURRENT_STREAMS = 0x3;
  static final int INITIAL_WINDOW_SIZE = 0x4;
  static final int MAX_FRAME_SIZE = 0x5;
  static final int MAX_HEADER_LIST_SIZE = 0x6;

  /// Ours, of the numbers for experiments (RFC 7540 11.3); whoever does not know it ignores it.
  /// With 1 a server says: DATA may follow a CONNECT request before its answer, and reaches nobody
  /// unless the answer is 2xx.
  static final int EARLY_DATA = 0xf04b;

  /// What upstream assumes before the first SETTINGS frame.
  private static final int ASSUMED_STREAMS = 100;

  private boolean seen;
  private int maxStreams = ASSUMED_STREAMS;
  private int initialWindow = 65_535;
  private boolean takesEarlyData;

  boolean seen() {
    return seen;
  }

  void frameSeen() {
    if (!seen) {
      seen = true;
    }
  }

  int maxStreams() {
    return maxStreams;
  }

  void maxStreams(long value) {
    maxStreams = (int) Math.min(value, Integer.MAX_VALUE);
  }

  int initialWindow() {
    return initialWindow;
  }

  /// Answers by how much the windows of existing streams change.
  int initialWindow(long value) throws TunnelError {
    if (value > Integer.MAX_VALUE) {
      throw TunnelError.flow("initial window of " + value);
    }
    int change = (int) value - initialWindow;
    initialWindow = (int) value;
    return change;
  }

  boolean takesEarlyData() {
    return takesEarlyData;
  }

  void earlyData(long value) {
    takesEarlyData = value == 1;
  }

  static int frameSize(long value) throws TunnelError {
    if (value < 16_384 || value > 16_777_215) {
      throw TunnelError.protocol("frame size of " + value);
    }
    return (int) value;
  }
}
