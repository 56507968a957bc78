package dev.kiri.ztunnel.share;

import io.netty.channel.EventLoop;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/// How a node's proxy is shared among its pods. Thread-safe.
public final class NodeShares {
  /// How many connections of a pod a loop accepts before it looks at other sockets (Netty's usual
  /// number, made explicit).
  public static final int ACCEPTS_PER_TURN = 16;

  private static final String[] LABELS = {"namespace", "pod"};

  private final List<EventLoop> loops;
  private final List<LoopTurns> turns;
  private final int maxConnections;
  private final LongSupplier nanos;
  private final Set<PodShare> pods = ConcurrentHashMap.newKeySet();

  /// @param maxConnections how many accepted connections one pod may have open in each direction
  /// @param nanos the clock whose time shares are told ([dev.kiri.hbone.transport.ReadShare#used])
  public NodeShares(
      List<EventLoop> loops, int maxConnections, LongSupplier nanos, PrometheusRegistry registry) {
    this.loops = List.copyOf(loops);
    this.turns = this.loops.stream().map(loop -> turns(loop, nanos.getAsLong())).toList();
    this.maxConnections = maxConnections;
    this.nanos = nanos;
    GaugeWithCallback.builder()
        .name("kiri_pod_connections")
        .help("Connections accepted in a pod that are open (unstable).")
        .labelNames(LABELS)
        .callback(value -> forEach(PodShare::connections, value::call))
        .register(registry);
    counter(
        registry,
        "kiri_pod_connections_refused",
        "Connections closed because their pod had too many (unstable).",
        PodShare::refused);
    counter(
        registry,
        "kiri_pod_loop_seconds",
        "Time of event loops spent on what a pod's sockets had to read (unstable).",
        pod -> (double) pod.sum(LoopShare::loopNanos) / TimeUnit.SECONDS.toNanos(1));
    counter(
        registry,
        "kiri_pod_read_bytes",
        "Bytes read from a pod's sockets, on both sides of the proxy (unstable).",
        pod -> pod.sum(LoopShare::readBytes));
    counter(
        registry,
        "kiri_pod_waits",
        "How often a socket waited because its pod had had its part of a turn (unstable).",
        pod -> pod.sum(LoopShare::waits));
  }

  /// A task that is due at once is run after the sockets of a turn; one that such a task schedules,
  /// after those of the next.
  private static LoopTurns turns(EventLoop loop, long now) {
    return new LoopTurns(task -> loop.schedule(task, 0, TimeUnit.NANOSECONDS), now);
  }

  private void counter(
      PrometheusRegistry registry, String name, String help, ToDoubleFunction<PodShare> of) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(LABELS)
        .callback(value -> forEach(of, value::call))
        .register(registry);
  }

  private interface Sample {
    void call(double value, String... labels);
  }

  /// A pod whose namespace was replaced is there twice for a while.
  private void forEach(ToDoubleFunction<PodShare> of, Sample sample) {
    var sums = new HashMap<List<String>, Double>();
    for (var pod : pods) {
      sums.merge(List.of(pod.namespace(), pod.name()), of.applyAsDouble(pod), Double::sum);
    }
    sums.forEach((labels, sum) -> sample.call(sum, labels.toArray(String[]::new)));
  }

  /// A pod is served from now on, until its share is closed.
  public PodShare pod(String namespace, String name) {
    var share = new PodShare(this, namespace, name, loops, turns);
    pods.add(share);
    return share;
  }

  /// For logging what happens in all pods.
  public Occasionally occasionally() {
    return new Occasionally(nanos);
  }

  int maxConnections() {
    return maxConnections;
  }

  void forget(PodShare pod) {
    pods.remove(pod);
  }
}
