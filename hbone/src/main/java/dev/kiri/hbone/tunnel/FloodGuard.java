package dev.kiri.hbone.tunnel;

import java.util.function.LongSupplier;

/// A budget for what a peer may send without moving anything forward: it shrinks with every useless
/// frame and grows with time and with bytes carried. Confined to one loop.
///
/// Small DATA costs nothing, nor does what an honest peer sends because of something this end did:
/// credit for bytes it was sent, frames that crossed the end of a stream. So a tunnel full of tiny
/// packets or short streams is never closed. The prices follow the work and memory that a frame
/// causes here (CVE-2019-9511 ... 9518, CVE-2023-44487).
final class FloodGuard {
  private static final int BUDGET = 10_000;
  private static final long NANOS_PER_TOKEN = 1_000_000; // 1000 tokens a second
  private static final int BYTES_PER_TOKEN = 16_384;

  enum Nuisance {
    SETTINGS(50),
    PING(5),
    EMPTY_DATA(10),
    IGNORED(5),
    /// A stream reset before it was answered.
    ABANDONED_REQUEST(40),
    REFUSED_REQUEST(20),
    GOAWAY(500),
    CLOSED_STREAM(1),
    TINY_WINDOW_UPDATE(1);

    private final int price;

    Nuisance(int price) {
      this.price = price;
    }
  }

  private final LongSupplier nanoTime;
  private int budget = BUDGET;
  private long refilled;
  private int bytes;
  private long expected;

  FloodGuard(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.refilled = nanoTime.getAsLong();
  }

  /// Throws ENHANCE_YOUR_CALM when the budget is used up.
  void spend(Nuisance what) throws TunnelError {
    budget -= what.price;
    if (budget < 0) {
      refill();
      if (budget < 0) {
        throw TunnelError.calm("too many frames of kind " + what);
      }
    }
  }

  /// This end did something that an honest peer may answer by up to this many frames.
  void expect(long frames) {
    expected += frames;
  }

  /// A frame that is fine as an answer, and costs `otherwise` if none is expected.
  void answered(Nuisance otherwise) throws TunnelError {
    if (expected > 0) {
      expected--;
    } else {
      spend(otherwise);
    }
  }

  /// Bytes that were carried, in either direction.
  void carried(int count) {
    bytes += count;
    if (bytes >= BYTES_PER_TOKEN) {
      budget = Math.min(BUDGET, budget + bytes / BYTES_PER_TOKEN);
      bytes %= BYTES_PER_TOKEN;
    }
  }

  private void refill() {
    long now = nanoTime.getAsLong();
    long tokens = (now - refilled) / NANOS_PER_TOKEN;
    if (tokens > 0) {
      budget = (int) Math.min(BUDGET, budget + tokens);
      refilled = now;
    }
  }
}
