package dev.kiri.ztunnel.node;

import dev.kiri.ops.readiness.Readiness;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.pod.NodeServices;
import dev.kiri.ztunnel.pod.PodProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pods of the node that the agent has handed over, and their proxies. What is started and
/// stopped when is decided by [PodProxies] on the agent client's thread; the rest is thread-safe.
public final class AgentPods implements PodProxies.ProxyFactory, PodProxies.Observer {
  private static final Logger LOG = LoggerFactory.getLogger("inpod");

  private final NodeServices node;
  private final Readiness.Task task;
  private final NodeMetrics metrics;
  private final Consumer<String> violated;
  private final PodProxies proxies = new PodProxies(this, this);
  private final ConcurrentMap<String, PodProxy> running = new ConcurrentHashMap<>();

  // for the agent client's thread
  private String lastDisconnect = "";
  private boolean connected;

  /// `violated` is told when the agent breaks the protocol, after which the process should end.
  public AgentPods(
      NodeServices node, Readiness.Task task, NodeMetrics metrics, Consumer<String> violated) {
    this.node = node;
    this.task = task;
    this.metrics = metrics;
    this.violated = violated;
  }

  /// What the agent's client talks to.
  public PodProxies handler() {
    return proxies;
  }

  /// All pods the agent has named, served or waiting.
  public List<PodProxies.State> states() {
    return proxies.states();
  }

  /// The proxies of served pods by the pod's uid.
  public Map<String, PodProxy> running() {
    return Map.copyOf(running);
  }

  @Override
  public PodProxies.Proxy start(String uid, WorkloadInfo workload, PodNetns netns)
      throws IOException {
    var proxy = PodProxy.start(node, workload, netns);
    running.put(uid, proxy);
    return () -> {
      running.remove(uid, proxy);
      proxy.stop();
    };
  }

  /// Closes the tunnels whose peers are revoked by now.
  public void closeRevoked() {
    running.values().forEach(PodProxy::closeRevoked);
  }

  /// Ends all proxies gracefully.
  public CompletionStage<?> drain(Duration deadline) {
    var drained =
        running.values().stream()
            .map(proxy -> proxy.drain(deadline).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(drained);
  }

  @Override
  public void counts(int active, int pending) {
    metrics.pods(active, pending);
  }

  @Override
  public void started(String uid, WorkloadInfo workload) {
    metrics.podStarted();
    LOG.info("pod {} ({}) received, starting proxy", uid, workload);
  }

  @Override
  public void stopped(String uid, WorkloadInfo workload) {
    metrics.podStopped();
    LOG.info("pod {} ({}) gone, proxy stopped", uid, workload);
  }

  @Override
  public void startFailed(String uid, WorkloadInfo workload, String why) {
    LOG.warn("pod {} ({}) cannot be served yet: {}", uid, workload, why);
  }

  @Override
  public void snapshotReceived(int pods) {
    connected = true;
    lastDisconnect = "";
    LOG.info("received the node's snapshot of {} pods", pods);
  }

  @Override
  public void ready(boolean ready) {
    if (ready) {
      task.done();
    } else {
      task.pending(why());
    }
  }

  /// What probes are told; of many pods that wait, one.
  private String why() {
    if (!connected) {
      return lastDisconnect.isEmpty()
          ? "no snapshot of the node's pods from the node agent yet"
          : "not connected to the node agent: " + lastDisconnect;
    }
    var waiting = proxies.unserved();
    if (waiting.isEmpty()) {
      return "no snapshot of the node's pods from the node agent yet";
    }
    var first = waiting.getFirst();
    var others = waiting.size() == 1 ? "" : " (and " + (waiting.size() - 1) + " more pods)";
    return "pod " + first.workload() + " cannot be served yet: " + first.why() + others;
  }

  @Override
  public void disconnected(String why) {
    connected = false;
    // tried again and again: said once for each reason
    if (!why.equals(lastDisconnect)) {
      lastDisconnect = why;
      LOG.warn(
          "failed to connect to the Istio CNI node agent, is the node agent healthy? details: {}",
          why);
    }
  }

  @Override
  public void violated(String text) {
    LOG.error("the node agent broke the protocol: {}", text);
    violated.accept(text);
  }
}
