package dev.kiri.redirect.zds;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.Errno;
import dev.kiri.redirect.sys.LinuxException;
import dev.kiri.redirect.sys.Packet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Ztunnel's end: connects to the agent of its node, again whenever the connection ends, and has a
/// [ZdsHandler] do what the agent asks. Thread-safe; everything happens on one platform thread.
public final class ZdsClient implements AutoCloseable {
  /// How often [ZdsHandler#retry] comes.
  public static final Duration RETRY_INTERVAL = Duration.ofSeconds(5);

  // istio/ztunnel src/inpod: 10 ms doubled before each wait, at most 15 s.
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(10);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(15);
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(5);

  private final Path path;
  private final HomeNetns home;
  private final ZdsHandler handler;
  private final Duration retryInterval;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable SeqpacketSocket current;

  public ZdsClient(Path socket, HomeNetns home, ZdsHandler handler) {
    this(socket, home, handler, RETRY_INTERVAL);
  }

  ZdsClient(Path socket, HomeNetns home, ZdsHandler handler, Duration retryInterval) {
    this.path = socket;
    this.home = home;
    this.handler = handler;
    this.retryInterval = retryInterval;
  }

  /// Starts connecting. Once.
  public void start() {
    Thread.ofPlatform().name("zds-client").daemon().start(this::run);
  }

  private void run() {
    try {
      var backoff = FIRST_BACKOFF;
      while (closed.getCount() > 0) {
        try (var socket = SeqpacketSocket.connect(path)) {
          current = socket;
          socket.send(ZdsMessages.hello(), null, WRITE_LIMIT);
          backoff = FIRST_BACKOFF;
          handler.connected();
          handler.disconnected(serve(socket));
        } catch (IOException failed) {
          handler.disconnected(String.valueOf(failed.getMessage()));
        } finally {
          current = null;
        }
        backoff = longer(backoff);
        if (pause(backoff)) {
          return;
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration longer(Duration backoff) {
    var doubled = backoff.multipliedBy(2);
    return doubled.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : doubled;
  }

  /// Waits, without forgetting what the handler wants to try again.
  private boolean pause(Duration backoff) throws InterruptedException {
    var left = backoff;
    while (left.compareTo(retryInterval) > 0) {
      if (closed.await(retryInterval.toNanos(), TimeUnit.NANOSECONDS)) {
        return true;
      }
      handler.retry();
      left = left.minus(retryInterval);
    }
    return closed.await(left.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// One connection, to its end.
  private String serve(SeqpacketSocket socket) throws IOException {
    var exchange = new Exchange(socket);
    var lastRetry = System.nanoTime();
    while (closed.getCount() > 0) {
      if (System.nanoTime() - lastRetry >= retryInterval.toNanos()) {
        handler.retry();
        lastRetry = System.nanoTime();
      }
      Packet packet;
      try {
        packet = socket.receive(1, retryInterval);
      } catch (LinuxException failed) {
        if (failed.is(Errno.EAGAIN)) {
          continue;
        }
        throw failed;
      }
      if (packet.isEnd()) {
        return "the agent closed the connection";
      }
      exchange.answer(packet);
    }
    return "closing";
  }

  /// What one connection has seen so far.
  private final class Exchange {
    private final SeqpacketSocket socket;
    private boolean snapshotReceived;

    Exchange(SeqpacketSocket socket) {
      this.socket = socket;
    }

    void answer(Packet packet) throws IOException {
      String error;
      try {
        error = act(read(packet), packet);
      } catch (InvalidZdsMessage unreadable) {
        nack("failure to read message : " + unreadable.getMessage());
        throw unreadable;
      } catch (ZdsViolation violation) {
        nack("failure to process message : " + violation.getMessage());
        handler.violated(String.valueOf(violation.getMessage()));
        throw violation;
      }
      nack(error);
    }

    private void nack(String error) throws LinuxException {
      socket.send(ZdsMessages.ack(error), null, WRITE_LIMIT);
    }

    private ZdsRequest read(Packet packet) throws IOException {
      try {
        if (packet.truncated()) {
          throw new InvalidZdsMessage("packet or its descriptors truncated");
        }
        var request = ZdsMessages.decode(packet.data());
        var wanted = request instanceof ZdsRequest.Add ? 1 : 0;
        var got = packet.descriptors().size();
        if (wanted == 0 && got > 0) {
          throw new InvalidZdsMessage("Unexpected control message");
        }
        if (wanted == 1 && got != 1) {
          throw new InvalidZdsMessage(
              got == 0 ? "No control message" : "Expected 1 FD, got " + got);
        }
        return request;
      } catch (IOException refused) {
        packet.closeDescriptors();
        throw refused;
      }
    }

    private String act(ZdsRequest request, Packet packet) throws IOException {
      switch (request) {
        case ZdsRequest.Add(var uid, var workload) -> {
          try {
            handler.add(uid, workload, PodNetns.adopt(packet.descriptors().getFirst(), home));
          } catch (IOException failed) {
            return "failure to start proxy : " + failed.getMessage();
          }
        }
        case ZdsRequest.Keep(var uid) -> {
          if (snapshotReceived) {
            throw new ZdsViolation("keep of " + uid + " after the snapshot");
          }
          handler.keep(uid);
        }
        case ZdsRequest.Delete(var uid) -> handler.delete(uid);
        case ZdsRequest.SnapshotSent() -> {
          if (snapshotReceived) {
            throw new ZdsViolation("second snapshot on one connection");
          }
          snapshotReceived = true;
          handler.snapshotSent();
        }
      }
      return "";
    }
  }

  /// Stops reading; what is served stays so.
  @Override
  public void close() {
    closed.countDown();
    var socket = current;
    if (socket != null) {
      socket.interrupt();
    }
  }
}
