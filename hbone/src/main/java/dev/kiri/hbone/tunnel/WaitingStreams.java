package dev.kiri.hbone.tunnel;

import java.util.ArrayDeque;

/// Streams that wait for the connection, which is full: they go on in the order in which they came
/// to a halt. Confined to the tunnel's loop; each stream is here once at most.
final class WaitingStreams {
  private final ArrayDeque<TunnelStream> waiting = new ArrayDeque<>();

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
