package dev.kiri.redirect.zds;

import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.LinuxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// The agent's end: lets ztunnels connect, names every enrolled pod to each newcomer, then passes
/// changes on.
///
/// Additions go to the newest ztunnel connected, deletions to all, so that during an upgrade the
/// old one drains what it has and gets nothing new. Thread-safe; the calls block for at most the
/// sum of the timings and may come from virtual threads, since each connection writes on a platform
/// thread of its own.
public final class ZdsServer implements AutoCloseable {
  /// Connections accepted in a row; upstream accepts 5 a second.
  private static final long ACCEPT_INTERVAL_MILLIS = 200;

  /// Ztunnels connected at once: two during an upgrade, more only by mistake.
  static final int MAX_CONNECTIONS = 16;

  private final SeqpacketSocket listener;
  private final ZdsTimings timings;
  private final ZdsServerObserver observer;
  private final List<ZdsConnection> connections = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Semaphore closing = new Semaphore(0);

  private ZdsServer(SeqpacketSocket listener, ZdsTimings timings, ZdsServerObserver observer) {
    this.listener = listener;
    this.timings = timings;
    this.observer = observer;
  }

  /// Binds the socket; nobody is let in before [#accept].
  public static ZdsServer listen(Path socket, ZdsTimings timings, ZdsServerObserver observer)
      throws IOException {
    return new ZdsServer(SeqpacketSocket.listen(socket), timings, observer);
  }

  /// Starts letting ztunnels in.
  ///
  /// @param snapshot the enrolled pods of the moment, asked for at each connection; its namespace
  /// handles go to the server
  public void accept(Supplier<List<ZdsPod>> snapshot) {
    Thread.ofPlatform().name("zds-accept").daemon().start(() -> acceptLoop(snapshot));
  }

  /// Has the newest ztunnel serve a pod. The namespace handle stays the caller's.
  ///
  /// @throws ZdsException when no ztunnel is connected, it does not answer in time, or refuses
  public void add(String uid, WorkloadInfo workload, PodNetns netns) throws ZdsException {
    var newest = newest();
    PodNetns handle;
    try {
      handle = netns.share();
    } catch (LinuxException failed) {
      throw new ZdsException("duplicating the namespace descriptor of " + uid, failed);
    }
    newest.request(new ZdsRequest.Add(uid, workload), handle).await();
  }

  /// Has every connected ztunnel stop serving a pod.
  ///
  /// @throws ZdsException when any of them failed, after all were told
  public void delete(String uid) throws ZdsException {
    var sent = new ArrayList<ZdsConnection.Pending>();
    for (var connection : connections) {
      sent.add(connection.request(new ZdsRequest.Delete(uid), null));
    }
    var errors = new ArrayList<String>();
    for (var pending : sent) {
      try {
        pending.await();
      } catch (ZdsException failed) {
        errors.add(String.valueOf(failed.getMessage()));
      }
    }
    if (!errors.isEmpty()) {
      throw new ZdsException(String.join("; ", errors));
    }
  }

  /// How many ztunnels are connected.
  public int connected() {
    return connections.size();
  }

  private ZdsConnection newest() throws ZdsException {
    // The list only grows at its end, so the last one present is the newest.
    var now = List.copyOf(connections);
    if (now.isEmpty()) {
      throw new ZdsException("no ztunnel connection");
    }
    return now.getLast();
  }

  private void acceptLoop(Supplier<List<ZdsPod>> snapshot) {
    try (listener) {
      while (!closed.get()) {
        serve(listener.accept(), snapshot);
        if (closing.tryAcquire(ACCEPT_INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (LinuxException failed) {
      if (!closed.get()) {
        observer.listenerFailed(String.valueOf(failed.getMessage()));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SeqpacketSocket socket, Supplier<List<ZdsPod>> snapshot) {
    var id = UUID.randomUUID().toString();
    if (connections.size() >= MAX_CONNECTIONS) {
      socket.close();
      observer.disconnected(id, MAX_CONNECTIONS + " ztunnels are connected already");
      return;
    }
    var connection = new ZdsConnection(id, socket, timings, observer);
    // Registered before its hello: a change that comes now must not be missed by the snapshot and
    // by the queue both.
    connections.add(connection);
    observer.connected(id);
    observer.connections(connections.size());
    Thread.ofPlatform()
        .name("zds-" + id.substring(0, 8))
        .daemon()
        .start(
            () -> {
              var why = connection.serve(snapshot);
              connections.remove(connection);
              connection.release();
              observer.disconnected(id, why);
              observer.connections(connections.size());
            });
  }

  /// Lets nobody in any more and ends every connection; those served keep being served by ztunnel.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      closing.release();
      listener.interrupt();
      connections.forEach(ZdsConnection::interrupt);
    }
  }
}
