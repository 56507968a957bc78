package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.transport.LoopMemory;
import java.util.concurrent.TimeUnit;

/// How much is sealed at a time, by how quickly the socket took what was sealed before: what comes
/// next, an answer to PING say, waits behind it. Confined to one loop.
final class SealedAhead {
  static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  static final int SLOW = 64 << 10;

  private int bytes = LoopMemory.READ;

  /// Bytes of plaintext.
  int bytes() {
    return bytes;
  }

  /// A buffer that the socket did not take at once has gone after so long.
  void took(long nanos) {
    bytes = nanos > SLOW_NANOS ? SLOW : LoopMemory.READ;
  }
}
