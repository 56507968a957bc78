package dev.kiri.bench.hbone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// Sixteen connections, a thousand exchanges of 1 KiB a second in all, each due at a fixed time and
/// measured from then. Close it if it is not measured.
final class SmallExchanges implements AutoCloseable {
  private static final int CONNECTIONS = 16;
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(CONNECTIONS);
  private static final int MESSAGE = 1_024;

  private final List<Socket> sockets = new ArrayList<>();

  /// Every connection stands when this returns: it has carried a message.
  SmallExchanges(InetSocketAddress with) throws IOException {
    for (int i = 0; i < CONNECTIONS; i++) {
      var socket = new Socket(with.getAddress(), with.getPort());
      sockets.add(socket);
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(new byte[MESSAGE]);
    }
    for (var socket : sockets) {
      socket.getInputStream().skipNBytes(MESSAGE);
    }
  }

  /// The P99 in microseconds. Closes the connections.
  double p99(Duration phase) throws InterruptedException {
    var all = new Histogram(3);
    var threads = new ArrayList<Thread>();
    long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
    for (var socket : sockets) {
      long first = next;
      threads.add(Thread.ofPlatform().start(() -> exchange(socket, first, phase, all)));
      next += INTERVAL_NANOS / CONNECTIONS;
    }
    for (var thread : threads) {
      thread.join();
    }
    return all.getValueAtPercentile(99) / 1e3;
  }

  private static void exchange(Socket socket, long first, Duration phase, Histogram into) {
    var own = new Histogram(3);
    var message = new byte[MESSAGE];
    try (socket) {
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      for (long due = first; due - first < phase.toNanos(); due += INTERVAL_NANOS) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        out.write(message);
        if (in.readNBytes(message, 0, MESSAGE) < MESSAGE) {
          throw new IOException("ended");
        }
        own.recordValue(System.nanoTime() - due);
      }
    } catch (IOException e) {
      own.recordValue(TimeUnit.MINUTES.toNanos(1)); // a lost exchange is a very late one
    }
    synchronized (into) {
      into.add(own);
    }
  }

  @Override
  public void close() throws IOException {
    for (var socket : sockets) {
      socket.close();
    }
  }
}
