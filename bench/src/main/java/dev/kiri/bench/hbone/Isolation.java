package dev.kiri.bench.hbone;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// What streams of one pair do to each other: the latency of small exchanges, alone and beside a
/// stream whose reader has stalled or one that carries bulk. One event loop at each end.
///
/// Sixteen connections, a thousand exchanges a second in all, each due at a fixed time and measured
/// from then.
final class Isolation {
  private static final int CONNECTIONS = 16;
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(CONNECTIONS);
  private static final int MESSAGE = 1_024;
  private static final double LIMIT_RATIO = 2;

  private final Duration phase;
  private final List<Figure> figures = new ArrayList<>();

  static List<Figure> measure(Duration phase) throws IOException, InterruptedException {
    return new Isolation(phase).run();
  }

  private Isolation(Duration phase) {
    this.phase = phase;
  }

  private List<Figure> run() throws IOException, InterruptedException {
    try (var echo = new App(Isolation::echo);
        var swallowing = new App(in -> in.getInputStream().skip(Long.MAX_VALUE));
        var stalling = new App(Isolation::stall);
        var ends = new Ends(Ends.dialler(), 100)) {
      var exchanges = ends.proxyTo(echo.address());
      exchange(exchanges); // warms up
      double alone = exchange(exchanges);
      figures.add(Figure.plain("P99 of small exchanges alone", "us", alone));
      beside("a stalled stream", ends.proxyTo(stalling.address()), 0, exchanges, alone);
      beside("1 Gbit/s of bulk", ends.proxyTo(swallowing.address()), 125, exchanges, alone);
      beside("4 Gbit/s of bulk", ends.proxyTo(swallowing.address()), 500, exchanges, alone);
      unbounded("all the bulk there is room for", ends.proxyTo(swallowing.address()), exchanges);
      unbounded("the same past the tunnel", swallowing.address(), exchanges);
      return figures;
    }
  }

  private void beside(
      String what,
      InetSocketAddress to,
      int megabytesPerSecond,
      InetSocketAddress with,
      double alone)
      throws IOException, InterruptedException {
    double p99 = exchangeBeside(to, megabytesPerSecond, with);
    figures.add(Figure.plain("P99 beside " + what, "us", p99));
    figures.add(Figure.limited("P99 beside " + what, "times alone", p99 / alone, LIMIT_RATIO));
  }

  /// Takes every core there is, so that whatever runs beside it waits for one: no limit.
  private void unbounded(String what, InetSocketAddress to, InetSocketAddress with)
      throws IOException, InterruptedException {
    figures.add(Figure.plain("P99 beside " + what, "us", exchangeBeside(to, 0, with)));
  }

  private double exchangeBeside(
      InetSocketAddress to, int megabytesPerSecond, InetSocketAddress with)
      throws IOException, InterruptedException {
    var other = new Socket(to.getAddress(), to.getPort());
    try {
      var stop = new AtomicBoolean();
      var writer =
          Thread.ofPlatform().name("bulk").start(() -> write(other, megabytesPerSecond, stop));
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      double p99 = exchange(with);
      stop.set(true);
      other.close(); // also ends a write that nobody reads
      writer.join();
      return p99;
    } finally {
      other.close();
    }
  }

  private static void write(Socket to, int megabytesPerSecond, AtomicBoolean stop) {
    try {
      long sent = 0;
      var chunk = new byte[256 << 10];
      long start = System.nanoTime();
      while (!stop.get()) {
        to.getOutputStream().write(chunk);
        sent += chunk.length;
        if (megabytesPerSecond > 0) {
          LockSupport.parkNanos(start + sent * 1_000 / megabytesPerSecond - System.nanoTime());
        }
      }
    } catch (IOException e) {
      // closed by the measuring thread
    }
  }

  /// The P99 in microseconds.
  private double exchange(InetSocketAddress with) throws IOException, InterruptedException {
    var all = new Histogram(3);
    var threads = new ArrayList<Thread>();
    long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
    for (int i = 0; i < CONNECTIONS; i++) {
      var socket = new Socket(with.getAddress(), with.getPort());
      socket.setTcpNoDelay(true);
      long first = start + i * INTERVAL_NANOS / CONNECTIONS;
      threads.add(Thread.ofPlatform().start(() -> exchange(socket, first, all)));
    }
    for (var thread : threads) {
      thread.join();
    }
    return all.getValueAtPercentile(99) / 1e3;
  }

  private void exchange(Socket socket, long first, Histogram into) {
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

  private static void echo(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    socket.getInputStream().transferTo(socket.getOutputStream());
  }

  private static void stall(Socket socket) throws IOException {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// An application on loopback, one virtual thread a connection.
  private static final class App implements AutoCloseable {
    private final ServerSocket listener =
        new ServerSocket(0, 512, InetAddress.getLoopbackAddress());

    interface Conversation {
      void with(Socket socket) throws IOException;
    }

    App(Conversation conversation) throws IOException {
      Thread.ofVirtual().start(() -> accept(conversation));
    }

    private void accept(Conversation conversation) {
      while (!listener.isClosed()) {
        try {
          var socket = listener.accept();
          Thread.ofPlatform().daemon().start(() -> serve(socket, conversation));
        } catch (IOException e) {
          return; // closed
        }
      }
    }

    private static void serve(Socket socket, Conversation conversation) {
      try (socket) {
        conversation.with(socket);
      } catch (IOException e) {
        // the other end went away
      }
    }

    InetSocketAddress address() {
      return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
