package dev.kiri.redirect.agent;

import dev.kiri.ops.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/// The agent's metrics, under upstream's names. Thread-safe.
final class AgentMetrics {
  private final Counter events;
  private final Gauge ztunnels;
  private final Counter rulesApplied;

  AgentMetrics(Metrics metrics) {
    events =
        Counter.builder()
            .name("nodeagent_reconcile_events_total")
            .help("The total number of node agent reconcile events.")
            .labelNames("type")
            .register(metrics.registry());
    ztunnels =
        Gauge.builder()
            .name("ztunnel_connected")
            .help("number of connections to ztunnel")
            .register(metrics.registry());
    rulesApplied =
        Counter.builder()
            .name("kiri_redirect_rules_applied_total")
            .help("How often rules were put into a pod because they were missing or different.")
            .register(metrics.registry());
    for (var type : new String[] {"add", "update", "delete", "unknown"}) {
      events.initLabelValues(type);
    }
  }

  void reconcileEvent(String type) {
    events.labelValues(type).inc();
  }

  void ztunnels(int connected) {
    ztunnels.set(connected);
  }

  void rulesApplied() {
    rulesApplied.inc();
  }
}
