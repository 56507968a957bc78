package dev.kiri.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// New connections one after another, several such rows side by side: connect, one request and its
/// response, close. The first part of the time is not counted.
record Churn(InetSocketAddress server, int rows, Duration warmUp, Duration duration) {

  Map<String, Object> run() throws InterruptedException {
    var counted = new AtomicLong();
    var errors = new AtomicLong();
    long from = System.nanoTime() + warmUp.toNanos();
    long end = from + duration.toNanos();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < rows; i++) {
      threads.add(
          Thread.ofPlatform().name("row-" + i).start(() -> row(from, end, counted, errors)));
    }
    for (var thread : threads) {
      thread.join();
    }
    var result = new LinkedHashMap<String, Object>();
    result.put("connections", counted.get());
    result.put("errors", errors.get());
    result.put("perSecond", counted.get() / (duration.toNanos() / 1e9));
    return result;
  }

  private void row(long from, long end, AtomicLong counted, AtomicLong errors) {
    for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
      try (var connection = HttpConnection.open(server, "/1k", false)) {
        connection.exchange();
        if (now >= from) {
          counted.incrementAndGet();
        }
      } catch (IOException e) {
        if (errors.incrementAndGet() == 1) {
          System.err.println(e.getMessage());
        }
      }
    }
  }
}
