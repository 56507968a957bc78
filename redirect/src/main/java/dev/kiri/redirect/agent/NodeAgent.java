package dev.kiri.redirect.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the pods of the node and keeps each captured, or not, as it should be. Thread-safe.
///
/// At the start everything enrolled before is taken up again without being touched where it is
/// right: pods go on while the agent is away. From then on it also looks, every so often, for what
/// nobody reports: a namespace replaced under a pod, rules flushed by others.
final class NodeAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private final PodSource pods;
  private final NetnsSource namespaces;
  private final NetnsCache cache;
  private final Eligibility eligibility;
  private final Enrolment enrolment;
  private final Capture.Probes probes;
  private final AgentMetrics metrics;
  private final PodQueue queue;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("reconciler").daemon().factory());

  NodeAgent(
      PodSource pods,
      NetnsSource namespaces,
      NetnsCache cache,
      Eligibility eligibility,
      Enrolment enrolment,
      Capture.Probes probes,
      AgentMetrics metrics) {
    this.pods = pods;
    this.namespaces = namespaces;
    this.cache = cache;
    this.eligibility = eligibility;
    this.enrolment = enrolment;
    this.probes = probes;
    this.metrics = metrics;
    this.queue = new PodQueue(this::deal, this::explain);
  }

  /// Reads the pods; events are dealt with from [#run] on.
  ///
  /// @return the pods that are enrolled already
  List<Pod> start() throws IOException {
    pods.start(this::changed);
    var enrolled =
        pods.view().pods().values().stream()
            .filter(
                pod ->
                    pod.redirection() == Redirection.ENABLED
                        && !pod.isTerminal()
                        && !eligibility.isZtunnel(pod))
            .toList();
    enrolled.forEach(pod -> cache.ensure(pod.uid(), pod.workload()));
    try {
      namespaces.find(enrolled).forEach(cache::put);
    } catch (IOException failed) {
      LOG.warn("looking for the namespaces of enrolled pods: {}", failed.getMessage());
    }
    return enrolled;
  }

  /// Looks at every pod once, then keeps looking.
  void run(Duration reconcileInterval) {
    pods.view().pods().values().forEach(pod -> queue.add(new PodEvent.Updated(pod)));
    clock.scheduleWithFixedDelay(
        this::reconcile,
        reconcileInterval.toMillis(),
        reconcileInterval.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /// A ztunnel came: what waited for one waits no longer.
  void ztunnelCame() {
    pods.view().pods().values().stream()
        .filter(pod -> pod.redirection() != Redirection.ENABLED)
        .forEach(pod -> queue.add(new PodEvent.Updated(pod)));
  }

  boolean isIdle() {
    return queue.isIdle();
  }

  private void changed(NodeView before, NodeView now) {
    now.pods()
        .forEach(
            (uid, pod) -> {
              var was = before.pods().get(uid);
              if (was == null) {
                queue.add(new PodEvent.Updated(pod));
              } else if (!was.equals(pod) || namespaceChanged(pod, before, now)) {
                queue.add(new PodEvent.Updated(was));
              }
            });
    before
        .pods()
        .forEach(
            (uid, pod) -> {
              if (!now.pods().containsKey(uid)) {
                queue.add(new PodEvent.Deleted(pod));
              }
            });
  }

  private static boolean namespaceChanged(Pod pod, NodeView before, NodeView now) {
    return !before.labelsOf(pod.namespace()).equals(now.labelsOf(pod.namespace()));
  }

  private Outcome deal(PodEvent event) {
    metrics.reconcileEvent(
        switch (event) {
          case PodEvent.Updated _, PodEvent.Doubted _ -> "update";
          case PodEvent.Deleted _ -> "delete";
        });
    var decision = EnrolmentDecision.of(event, pods.view(), eligibility);
    return enrolment.carryOut(event.pod(), decision);
  }

  private void explain(Pod pod, String why) {
    var now = pods.view().pods().get(pod.uid());
    if (now == null || now.redirection() == Redirection.ENABLED) {
      return; // it is not kept waiting
    }
    try {
      pods.explain(now, why);
    } catch (IOException failed) {
      LOG.warn("pod {}: writing what it waits for: {}", pod, failed.getMessage());
    }
  }

  /// Has every pod looked at, and the node itself.
  private void reconcile() {
    pods.view().pods().values().forEach(pod -> queue.add(new PodEvent.Doubted(pod)));
    try {
      if (probes.reassert()) {
        LOG.warn("rules of the node were missing and are in place again");
      }
    } catch (IOException failed) {
      LOG.warn("looking after the rules of the node: {}", failed.getMessage());
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    queue.close();
    pods.close();
  }
}
