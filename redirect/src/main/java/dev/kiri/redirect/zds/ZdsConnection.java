package dev.kiri.redirect.zds;

import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.Errno;
import dev.kiri.redirect.sys.LinuxException;
import dev.kiri.redirect.sys.Packet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One connected ztunnel. [#serve] runs on the connection's platform thread, which alone touches
/// the socket; [#request] may come from any thread.
///
/// Answers are matched to requests by order alone, so an answer that does not come in time ends the
/// connection: the late one would be taken for the answer to the next request.
final class ZdsConnection {
  /// Changes waiting for a ztunnel that is still reading its snapshot.
  static final int MAX_WAITING = 100;

  private static final Duration LOOK = Duration.ofMillis(10);

  private final String id;
  private final SeqpacketSocket socket;
  private final ZdsTimings timings;
  private final ZdsServerObserver observer;
  private final ArrayBlockingQueue<Pending> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final AtomicBoolean over = new AtomicBoolean();

  ZdsConnection(String id, SeqpacketSocket socket, ZdsTimings timings, ZdsServerObserver observer) {
    this.id = id;
    this.socket = socket;
    this.timings = timings;
    this.observer = observer;
  }

  /// What came of a request.
  private sealed interface Outcome {
    record Answered(String error) implements Outcome {}

    record Lost(IOException why) implements Outcome {}
  }

  /// A request on its way, with the namespace handle it owns.
  static final class Pending {
    private final ZdsRequest request;
    private final @Nullable PodNetns netns;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    private Pending(ZdsRequest request, @Nullable PodNetns netns) {
      this.request = request;
      this.netns = netns;
    }

    /// Waits for the answer. The connection's own time limits bound the wait.
    void await() throws ZdsException {
      try {
        switch (outcome.get()) {
          case Outcome.Answered(var error) when error.isEmpty() -> {}
          case Outcome.Answered(var error) -> throw new ZdsException("got ack error: " + error);
          case Outcome.Lost(var why) -> throw new ZdsException(why.getMessage(), why);
        }
      } catch (ExecutionException impossible) {
        throw new IllegalStateException(impossible);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new ZdsException("interrupted while waiting for ztunnel", interrupted);
      }
    }

    private void complete(Outcome what) {
      closeHandle(netns);
      outcome.complete(what);
    }
  }

  private static void closeHandle(@Nullable PodNetns netns) {
    if (netns != null) {
      netns.close();
    }
  }

  /// Queues a request; the namespace handle goes to the connection.
  Pending request(ZdsRequest request, @Nullable PodNetns netns) {
    var pending = new Pending(request, netns);
    try {
      ZdsMessages.encode(request);
    } catch (InvalidZdsMessage unsendable) {
      pending.complete(new Outcome.Lost(unsendable));
      return pending;
    }
    if (!waiting.offer(pending)) {
      pending.complete(
          new Outcome.Lost(new IOException(MAX_WAITING + " changes wait for ztunnel already")));
    } else if (over.get()) {
      release();
    }
    return pending;
  }

  /// Serves until the connection ends.
  ///
  /// @return why it ended
  String serve(Supplier<List<ZdsPod>> snapshot) {
    try (socket) {
      expectHello();
      sendSnapshot(snapshot.get());
      while (true) {
        var next = waiting.poll(timings.keepAlive().toNanos(), TimeUnit.NANOSECONDS);
        if (next == null) {
          look();
        } else {
          pass(next);
        }
      }
    } catch (IOException ended) {
      return String.valueOf(ended.getMessage());
    } catch (InterruptedException interrupted) {
      return "interrupted";
    } finally {
      over.set(true);
    }
  }

  void interrupt() {
    socket.interrupt();
  }

  /// Fails what is still waiting, once [#serve] has returned.
  void release() {
    for (var pending = waiting.poll(); pending != null; pending = waiting.poll()) {
      pending.complete(new Outcome.Lost(new IOException("connection closed before request sent")));
    }
  }

  private void expectHello() throws IOException {
    var packet = receive(timings.hello(), "hello");
    ZdsMessages.checkHello(packet);
  }

  private void sendSnapshot(List<ZdsPod> pods) throws IOException {
    var refused = 0;
    var sent = 0;
    try {
      for (var pod : pods) {
        observer.snapshotPod(id, pod);
        ZdsRequest request =
            pod.netns() == null
                ? new ZdsRequest.Keep(pod.uid())
                : new ZdsRequest.Add(pod.uid(), pod.workload());
        var error = exchange(request, pod.netns());
        if (!error.isEmpty()) {
          refused++;
          observer.snapshotRefused(id, pod, error);
        }
        sent++;
      }
    } finally {
      for (var pod : pods) {
        closeHandle(pod.netns());
      }
    }
    exchange(new ZdsRequest.SnapshotSent(), null);
    observer.snapshotSent(id, sent, refused);
  }

  private void pass(Pending pending) throws IOException {
    try {
      pending.complete(new Outcome.Answered(exchange(pending.request, pending.netns)));
    } catch (IOException ended) {
      pending.complete(new Outcome.Lost(ended));
      throw ended;
    }
  }

  private String exchange(ZdsRequest request, @Nullable PodNetns netns) throws IOException {
    var bytes = ZdsMessages.encode(request);
    if (netns == null) {
      socket.send(bytes, null, timings.write());
    } else {
      netns.<@Nullable Void, LinuxException>withDescriptor(
          descriptor -> {
            socket.send(bytes, descriptor, timings.write());
            return null;
          });
    }
    return ZdsMessages.ackError(receive(timings.ack(), "ack"));
  }

  private byte[] receive(Duration limit, String what) throws IOException {
    Packet packet;
    try {
      packet = socket.receive(1, limit);
    } catch (LinuxException failed) {
      if (failed.is(Errno.EAGAIN)) {
        throw new IOException("no " + what + " within " + limit.toMillis() + " ms", failed);
      }
      throw failed;
    }
    packet.closeDescriptors();
    if (packet.isEnd()) {
      throw new IOException(
          what.equals("ack")
              ? "connection closed before response received"
              : "closed before " + what);
    }
    if (packet.truncated() || !packet.descriptors().isEmpty()) {
      throw new InvalidZdsMessage(
          what + " is longer than " + ZdsMessages.MAX_BYTES + " bytes or carries a descriptor");
    }
    return packet.data();
  }

  /// An idle connection has nothing to say: silence is life, anything else the end.
  private void look() throws IOException {
    try {
      var packet = socket.receive(1, LOOK);
      packet.closeDescriptors();
      if (packet.isEnd()) {
        throw new IOException("ztunnel closed the connection");
      }
      throw new InvalidZdsMessage("ztunnel spoke without being asked");
    } catch (LinuxException failed) {
      if (!failed.is(Errno.EAGAIN)) {
        throw failed;
      }
    }
  }
}
