package dev.kiri.bench.hbone;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;

/// What a tunnel costs until its first stream has opened and closed: TCP, mutual TLS with chains
/// that were verified before, SETTINGS. Processor time of both loops, so that other work on this
/// machine does not count.
final class Handshakes {
  private static final int WARM_UP = 1_500;
  private static final int MEASURED = 1_500;
  private static final double LIMIT_MILLIS = 1.1;

  static Figure measure() {
    try (var ends = new Ends(Passing::accept, 100)) {
      run(ends, WARM_UP);
      long before = loopNanos();
      run(ends, MEASURED);
      double millis = (loopNanos() - before) / 1e6 / MEASURED;
      return Figure.limited(
          "handshake and first stream, both ends", "CPU ms", millis, LIMIT_MILLIS);
    }
  }

  private static void run(Ends ends, int tunnels) {
    for (int i = 0; i < tunnels; i++) {
      try (var pool = ends.newPool(1)) {
        var stream = new OneStream();
        pool.open(ends.loop(), ends.key(), ConnectRequest.to(Authority.parse("a:1")), stream);
        stream.over.join();
      }
    }
  }

  private static long loopNanos() {
    var threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null && Ends.LOOPS.stream().anyMatch(info.getThreadName()::startsWith)) {
        nanos += threads.getThreadCpuTime(info.getThreadId());
      }
    }
    return nanos;
  }

  private Handshakes() {}

  private static final class OneStream extends Passing {
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    @Override
    public void opened(HboneStream opened, ConnectResponse response) {
      opened.end();
    }

    @Override
    public void end() {}

    @Override
    public void closed(StreamClosed why) {
      if (why instanceof StreamClosed.Finished) {
        over.complete(null);
      } else {
        over.completeExceptionally(new IllegalStateException(why.toString()));
      }
    }
  }
}
