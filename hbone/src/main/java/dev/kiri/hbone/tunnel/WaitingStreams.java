package dev.kiri.hbone.tunnel;

import java.util.ArrayDeque;

/// Streams that wait for the connection, which is full: they go on in the order in which they came
/// to a halt. Confined to the tunnel's loop; each stream is here once at most.
///
/// While any wait, a stream has one share a round, and a round is what leaves in one flush: whoever
/// waits is overtaken by one share of each other stream.
final class WaitingStreams {
  // shorter turns cost throughput where several streams carry bulk, longer ones gained none
  private static final int SHARE = 512 << 10;

  private final ArrayDeque<TunnelStream> waiting = new ArrayDeque<>();
  private int round;

  int round() {
    return round;
  }

  /// What a stream that has sent `taken` in this round may send of `room`.
  int share(int room, int taken) {
    return waiting.isEmpty() ? room : Math.max(0, Math.min(room, SHARE - taken));
  }

  void nextRound(Output output) {
    round++;
    wake(output);
  }

  void add(TunnelStream stream) {
    if (!stream.queued) {
      stream.queued = true;
      waiting.addLast(stream);
    }
  }

  /// Lets them go on while there is room.
  void wake(Output output) {
    for (int n = waiting.size(); n > 0 && output.room() > 0; n--) {
      var stream = waiting.pollFirst();
      if (stream == null) {
        return;
      }
      stream.queued = false;
      if (stream.canUseConnection()) {
        stream.wake();
      }
    }
  }

  void clear() {
    waiting.clear();
  }
}
