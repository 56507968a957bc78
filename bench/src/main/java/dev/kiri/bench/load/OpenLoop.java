package dev.kiri.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// Requests at a fixed rate. Request `i` is due at `i / rate`; a free connection sends it then, or
/// as soon as there is one. Latency counts from when it was due, so that a slow server cannot hide
/// what callers would have waited (no coordinated omission).
///
/// @param rate requests a second
/// @param warmUp time at the start that is not recorded
record OpenLoop(
    InetSocketAddress server, int connections, int rate, Duration warmUp, Duration duration) {
  /// A request this late means the rate cannot be held: the run ends and says so.
  private static final long SATURATED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);

  Map<String, Object> run() throws InterruptedException {
    var clients = new ArrayList<Client>();
    var shared = new Shared(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200));
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < connections; i++) {
      var client = new Client(shared);
      clients.add(client);
      threads.add(Thread.ofPlatform().name("connection-" + i).start(client));
    }
    for (var thread : threads) {
      thread.join();
    }
    var all = histogram();
    long errors = 0;
    for (var client : clients) {
      all.add(client.latencies);
      errors += client.errors;
    }
    var result = new LinkedHashMap<String, Object>();
    result.put("requests", all.getTotalCount());
    result.put("errors", errors);
    result.put("saturated", shared.saturated.get());
    result.put("p50", micros(all, 50));
    result.put("p90", micros(all, 90));
    result.put("p99", micros(all, 99));
    result.put("p999", micros(all, 99.9));
    result.put("max", all.getMaxValue() / 1000.0);
    return result;
  }

  private static Histogram histogram() {
    return new Histogram(1_000, LONGEST_NANOS, 3);
  }

  private static double micros(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1000.0;
  }

  /// What the connections of one run share.
  private static final class Shared {
    private final long start;
    private final AtomicLong next = new AtomicLong();
    private final AtomicBoolean saturated = new AtomicBoolean();

    private Shared(long start) {
      this.start = start;
    }
  }

  /// One connection, on a thread of its own.
  private final class Client implements Runnable {
    private final Shared shared;
    private final Histogram latencies = histogram();
    private long errors;

    private Client(Shared shared) {
      this.shared = shared;
    }

    @Override
    public void run() {
      long recordedFrom = shared.start + warmUp.toNanos();
      long end = recordedFrom + duration.toNanos();
      try (var connection = HttpConnection.open(server, "/1k", true)) {
        while (!shared.saturated.get()) {
          long due =
              shared.start + shared.next.getAndIncrement() * TimeUnit.SECONDS.toNanos(1) / rate;
          if (due >= end) {
            return;
          }
          if (awaitDue(due) > SATURATED_NANOS) {
            shared.saturated.set(true);
            return;
          }
          connection.exchange();
          if (due >= recordedFrom) {
            latencies.recordValue(Math.min(System.nanoTime() - due, LONGEST_NANOS));
          }
        }
      } catch (IOException e) {
        errors++;
        System.err.println(e.getMessage());
      }
    }

    /// Returns how late it is by now.
    private static long awaitDue(long due) {
      long late = System.nanoTime() - due;
      while (late < 0) {
        LockSupport.parkNanos(-late);
        late = System.nanoTime() - due;
      }
      return late;
    }
  }
}
