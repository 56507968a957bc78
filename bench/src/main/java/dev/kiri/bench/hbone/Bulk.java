package dev.kiri.bench.hbone;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// One connection that writes as much as is taken, or as its bound allows. Close it.
final class Bulk implements AutoCloseable {
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
  private static final int CHUNK = 256 << 10;

  private final Socket socket;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();
  private final Thread writer;
  private long begun;
  private long sentBefore;

  /// With 0 megabytes a second there is no bound.
  Bulk(InetSocketAddress to, int megabytesPerSecond) throws IOException {
    socket = new Socket(to.getAddress(), to.getPort());
    writer = Thread.ofPlatform().name("bulk").unstarted(() -> write(megabytesPerSecond));
  }

  /// Returns when it is well under way.
  void begin() {
    writer.start();
    LockSupport.parkNanos(LEAD_NANOS);
    begun = System.nanoTime();
    sentBefore = sent.get();
  }

  /// Since it was well under way.
  double gigabitsPerSecond() {
    return (sent.get() - sentBefore) * 8.0 / (System.nanoTime() - begun);
  }

  private void write(int megabytesPerSecond) {
    try {
      var out = socket.getOutputStream();
      var chunk = new byte[CHUNK];
      long start = System.nanoTime();
      while (!stop.get()) {
        out.write(chunk);
        long total = sent.addAndGet(CHUNK);
        if (megabytesPerSecond > 0) {
          LockSupport.parkNanos(start + total * 1_000 / megabytesPerSecond - System.nanoTime());
        }
      }
    } catch (IOException e) {
      // closed by the measuring thread
    }
  }

  @Override
  public void close() throws IOException {
    stop.set(true);
    socket.close(); // also ends a write that nobody reads
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
