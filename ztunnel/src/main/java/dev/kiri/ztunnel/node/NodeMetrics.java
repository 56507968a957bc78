package dev.kiri.ztunnel.node;

import dev.kiri.hbone.transport.DirectMemory;
import dev.kiri.hbone.transport.Holders;
import dev.kiri.mesh.xds.XdsObserver;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// The families of a ztunnel that are not about single connections; names as upstream's.
/// Thread-safe.
public final class NodeMetrics implements XdsObserver {
  private final Counter terminations;
  private final Counter messages;
  private final Counter messageBytes;
  private final Gauge active;
  private final Gauge pending;
  private final Counter started;
  private final Counter stopped;

  public NodeMetrics(PrometheusRegistry registry) {
    terminations =
        counter(
            registry,
            "istio_xds_connection_terminations",
            "The total number of completed connections to xds server (unstable).",
            "reason");
    messages =
        counter(
            registry, "istio_xds_message", "Total number of messages received (unstable).", "url");
    messageBytes =
        counter(
            registry,
            "istio_xds_message_bytes",
            "Total number of bytes received (unstable).",
            "url");
    active =
        gauge(
            registry,
            "workload_manager_active_proxy_count",
            "The total number current workloads with active proxies (unstable).");
    pending =
        gauge(
            registry,
            "workload_manager_pending_proxy_count",
            "The total number current workloads with pending proxies (unstable).");
    started =
        counter(
            registry,
            "workload_manager_proxies_started",
            "The total number of proxies that were started (unstable).");
    stopped =
        counter(
            registry,
            "workload_manager_proxies_stopped",
            "The total number of proxies that were stopped (unstable).");
  }

  @Override
  public void received(String typeUrl, int resources, long bytes) {
    messages.labelValues(typeUrl).inc();
    messageBytes.labelValues(typeUrl).inc(bytes);
  }

  @Override
  public void terminated(Termination reason, String text) {
    terminations.labelValues(reason.label()).inc();
  }

  /// How many pods are served, and how many are still to be.
  void pods(int served, int waiting) {
    active.set(served);
    pending.set(waiting);
  }

  void podStarted() {
    started.inc();
  }

  void podStopped() {
    stopped.inc();
  }

  /// Shows values that others keep.
  public static void observe(
      PrometheusRegistry registry, int loops, IntSupplier queued, LongSupplier droppedLines) {
    GaugeWithCallback.builder()
        .name("kiri_event_loops")
        .help("Event loops that carry data (unstable).")
        .callback(value -> value.call(loops))
        .register(registry);
    GaugeWithCallback.builder()
        .name("kiri_event_loop_tasks_pending")
        .help("Tasks that wait on event loops (unstable).")
        .callback(value -> value.call(queued.getAsInt()))
        .register(registry);
    CounterWithCallback.builder()
        .name("kiri_log_lines_dropped")
        .help("Log lines dropped because the output did not keep up (unstable).")
        .callback(value -> value.call((double) droppedLines.getAsLong()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("kiri_direct_memory_bytes")
        .help("Direct memory taken, of what -XX:MaxDirectMemorySize allows (unstable).")
        .callback(value -> value.call((double) DirectMemory.used()))
        .register(registry);
    CounterWithCallback.builder()
        .name("kiri_streams_given_up")
        .help(
            "Connections reset since their readers stalled and direct memory was short (unstable).")
        .callback(value -> value.call((double) Holders.givenUp()))
        .register(registry);
  }

  /// Shows the endpoints that are left out because connecting to them failed.
  public static void observe(
      PrometheusRegistry registry, IntSupplier ejectedNow, LongSupplier ejectedEver) {
    GaugeWithCallback.builder()
        .name("kiri_endpoints_ejected")
        .help("Endpoints left out now because connecting to them failed (unstable).")
        .callback(value -> value.call(ejectedNow.getAsInt()))
        .register(registry);
    CounterWithCallback.builder()
        .name("kiri_endpoint_ejections")
        .help("How often an endpoint was left out (unstable).")
        .callback(value -> value.call((double) ejectedEver.getAsLong()))
        .register(registry);
  }

  private static Counter counter(
      PrometheusRegistry registry, String name, String help, String... labels) {
    return Counter.builder()
        .withoutExemplars()
        .name(name)
        .help(help)
        .labelNames(labels)
        .register(registry);
  }

  private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
    return Gauge.builder().withoutExemplars().name(name).help(help).register(registry);
  }
}
