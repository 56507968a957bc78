package dev.kiri.redirect.zds;

import dev.kiri.redirect.netns.NetnsId;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which pods ztunnel serves and which it still has to: the state behind a [ZdsClient]. Confined to
/// the client's thread but for [#states], which any thread may call.
///
/// Same rules as upstream's `src/inpod`: the same namespace twice is one proxy; another namespace
/// under a known uid replaces the proxy; a proxy that does not start is tried again, and until then
/// this ztunnel is not ready; what a snapshot does not name is stopped.
public final class PodProxies implements ZdsHandler {
  private final ProxyFactory factory;
  private final Observer observer;
  private final Map<String, Running> running = new HashMap<>();
  private final Map<String, Waiting> pending = new HashMap<>();
  private final Set<String> named = new HashSet<>();
  private boolean snapshotReceived;
  private boolean connected;
  private volatile List<State> states = List.of();

  public PodProxies(ProxyFactory factory, Observer observer) {
    this.factory = factory;
    this.observer = observer;
  }

  /// Starts what serves one pod.
  public interface ProxyFactory {
    /// On success the handle belongs to the proxy, which closes it when it has stopped; on failure
    /// it does not.
    Proxy start(String uid, WorkloadInfo workload, PodNetns netns) throws IOException;
  }

  /// What serves one pod.
  public interface Proxy {
    /// Stops at once, without grace: the pod is gone or was replaced. Does not block; closes the
    /// namespace handle.
    void stop();
  }

  /// What happens, for log, metrics and readiness; called on the client's thread.
  public interface Observer {
    /// How many proxies run and how many are waiting to be tried again.
    default void counts(int active, int pending) {}

    /// A pod was received and its proxy runs.
    default void started(String uid, WorkloadInfo workload) {}

    /// A proxy was stopped.
    default void stopped(String uid, WorkloadInfo workload) {}

    /// A proxy could not be started; it is tried again.
    default void startFailed(String uid, WorkloadInfo workload, String why) {}

    /// The snapshot is complete.
    default void snapshotReceived(int pods) {}

    /// Connected, snapshot complete, nothing pending; or not.
    default void ready(boolean ready) {}

    /// The connection to the agent ended.
    default void disconnected(String why) {}

    /// The agent broke the protocol: the process should end.
    default void violated(String text) {}
  }

  /// One pod as `/config_dump` shows it.
  public record State(String uid, WorkloadInfo workload, boolean up) {}

  private record Running(WorkloadInfo workload, NetnsId netns, Proxy proxy) {}

  private record Waiting(WorkloadInfo workload, PodNetns netns, String why) {}

  /// A pod whose proxy could not be started yet.
  public record Unserved(WorkloadInfo workload, String why) {}

  /// The pods of the moment.
  public List<State> states() {
    return states;
  }

  /// The pods that wait to be tried again. For the client's thread.
  public List<Unserved> unserved() {
    return pending.values().stream().map(w -> new Unserved(w.workload(), w.why())).toList();
  }

  @Override
  public void connected() {
    connected = true;
    snapshotReceived = false;
    named.clear();
    pending.values().forEach(waiting -> waiting.netns().close());
    pending.clear();
    changed();
  }

  @Override
  public void add(String uid, WorkloadInfo workload, PodNetns netns) throws IOException {
    if (!snapshotReceived) {
      named.add(uid);
    }
    dropPending(uid);
    try {
      startUnlessServed(uid, workload, netns);
    } finally {
      changed();
    }
  }

  private void startUnlessServed(String uid, WorkloadInfo workload, PodNetns netns)
      throws IOException {
    var served = running.get(uid);
    if (served != null && served.netns().equals(netns.id())) {
      netns.close();
      return;
    }
    if (served != null) {
      stop(uid);
    }
    var id = netns.id();
    try {
      running.put(uid, new Running(workload, id, factory.start(uid, workload, netns)));
      observer.started(uid, workload);
    } catch (IOException failed) {
      var why = String.valueOf(failed.getMessage());
      pending.put(uid, new Waiting(workload, netns, why));
      observer.startFailed(uid, workload, why);
      throw failed;
    }
  }

  @Override
  public void keep(String uid) {
    named.add(uid);
  }

  @Override
  public void delete(String uid) {
    named.remove(uid);
    dropPending(uid);
    // Before the snapshot is complete the proxy stays: the reconciliation at its end drops it.
    if (snapshotReceived) {
      stop(uid);
    }
    changed();
  }

  @Override
  public void snapshotSent() {
    snapshotReceived = true;
    for (var uid : List.copyOf(running.keySet())) {
      if (!named.contains(uid)) {
        stop(uid);
      }
    }
    observer.snapshotReceived(named.size());
    named.clear();
    changed();
  }

  @Override
  public void retry() {
    for (var entry : Map.copyOf(pending).entrySet()) {
      var uid = entry.getKey();
      var waiting = entry.getValue();
      pending.remove(uid);
      try {
        startUnlessServed(uid, waiting.workload(), waiting.netns());
      } catch (IOException stillFailing) {
        // Stays pending, as the observer was told.
      }
    }
    changed();
  }

  @Override
  public void disconnected(String why) {
    connected = false;
    observer.disconnected(why);
    changed();
  }

  @Override
  public void violated(String text) {
    observer.violated(text);
  }

  private void stop(String uid) {
    var served = running.remove(uid);
    if (served != null) {
      served.proxy().stop();
      observer.stopped(uid, served.workload());
    }
  }

  private void dropPending(String uid) {
    var waiting = pending.remove(uid);
    if (waiting != null) {
      waiting.netns().close();
    }
  }

  private void changed() {
    var now = new ArrayList<State>(running.size() + pending.size());
    running.forEach((uid, served) -> now.add(new State(uid, served.workload(), true)));
    pending.forEach((uid, waiting) -> now.add(new State(uid, waiting.workload(), false)));
    states = List.copyOf(now);
    observer.counts(running.size(), pending.size());
    observer.ready(connected && snapshotReceived && pending.isEmpty());
  }
}
