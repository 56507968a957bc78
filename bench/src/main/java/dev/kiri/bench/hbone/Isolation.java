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
        var ends = new Ends(Ends.dialler(), 100);
        var others = new Ends(Ends.dialler(), 100)) {
      var exchanges = ends.proxyTo(echo.address());
      var bulk = ends.proxyTo(swallowing.address());
      exchange(connected(exchanges)); // warms up
      double alone = exchange(connected(exchanges));
      figures.add(Figure.plain("P99 of small exchanges alone", "us", alone));
      beside("a stalled stream", ends.proxyTo(stalling.address()), 0, exchanges, alone);
      beside("1 Gbit/s of bulk", bulk, 125, exchanges, alone);
      beside("4 Gbit/s of bulk", bulk, 500, exchanges, alone);
      unbounded(bulk, swallowing.address(), exchanges, others.proxyTo(echo.address()), alone);
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

  /// Bulk without a bound takes every core there is, and whoever has nothing to do with it waits
  /// for one, too: exchanges of another pair, which share no loop and no tunnel with it, tell how
  /// long.
  private void unbounded(
      InetSocketAddress bulk,
      InetSocketAddress pastTheTunnel,
      InetSocketAddress with,
      InetSocketAddress otherPair,
      double alone)
      throws IOException, InterruptedException {
    var what = "P99 beside all the bulk there is room for";
    exchange(connected(otherPair)); // warms up
    double control = exchangeBeside(bulk, 0, otherPair);
    double later = exchangeBeside(bulk, 0, with);
    double before = exchangeBesideLater(bulk, with);
    figures.add(Figure.plain(what + ", of another pair", "us", control));
    figures.add(Figure.plain(what + ", of another pair", "times alone", control / alone));
    compare(what + ", of the same pair", later, control, alone);
    compare(what + ", of the same tunnel", before, control, alone);
    figures.add(
        Figure.plain(what + " past the tunnel", "us", exchangeBeside(pastTheTunnel, 0, with)));
  }

  private void compare(String what, double p99, double control, double alone) {
    figures.add(Figure.plain(what, "us", p99));
    figures.add(Figure.plain(what, "times alone", p99 / alone));
    figures.add(Figure.limited(what, "times another pair's", p99 / control, LIMIT_RATIO));
  }

  private double exchangeBeside(
      InetSocketAddress to, int megabytesPerSecond, InetSocketAddress with)
      throws IOException, InterruptedException {
    try (var bulk = new Bulk(to, megabytesPerSecond)) {
      bulk.begin();
      return exchange(connected(with));
    }
  }

  /// With connections that were there before the bulk, so that they share its tunnel.
  private double exchangeBesideLater(InetSocketAddress to, InetSocketAddress with)
      throws IOException, InterruptedException {
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1)); // the bulk before this is forgotten
    var sockets = connected(with);
    for (var socket : sockets) {
      socket.getOutputStream().write(new byte[MESSAGE]);
      socket.getInputStream().skipNBytes(MESSAGE);
    }
    try (var bulk = new Bulk(to, 0)) {
      bulk.begin();
      return exchange(sockets);
    }
  }

  /// One connection that writes as much as is taken, or as its bound allows.
  private static final class Bulk implements AutoCloseable {
    private final Socket socket;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Thread writer;

    Bulk(InetSocketAddress to, int megabytesPerSecond) throws IOException {
      socket = new Socket(to.getAddress(), to.getPort());
      writer =
          Thread.ofPlatform().name("bulk").unstarted(() -> write(socket, megabytesPerSecond, stop));
    }

    /// Returns when it has been under way for a second.
    void begin() {
      writer.start();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
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

  private static List<Socket> connected(InetSocketAddress with) throws IOException {
    var sockets = new ArrayList<Socket>();
    for (int i = 0; i < CONNECTIONS; i++) {
      var socket = new Socket(with.getAddress(), with.getPort());
      socket.setTcpNoDelay(true);
      sockets.add(socket);
    }
    return sockets;
  }

  /// The P99 in microseconds. Closes the sockets.
  private double exchange(List<Socket> sockets) throws InterruptedException {
    var all = new Histogram(3);
    var threads = new ArrayList<Thread>();
    long next = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
    for (var socket : sockets) {
      long first = next;
      threads.add(Thread.ofPlatform().start(() -> exchange(socket, first, all)));
      next += INTERVAL_NANOS / CONNECTIONS;
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
