package dev.kiri.ztunnel.telemetry;

import dev.kiri.mesh.workload.Workload;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.function.LongSupplier;

/// Upstream's `istio_on_demand_dns`: host names that were looked up because an endpoint has no
/// address, by who wanted to go there (istio/ztunnel `src/proxy/metrics.rs`). Thread-safe.
final class LookupMetrics {
  private final Counter lookups;
  private final IdleSeries series;

  LookupMetrics(PrometheusRegistry registry, LongSupplier nanos) {
    var names =
        new ArrayList<>(Arrays.asList(TrafficLabels.NAMES).subList(1, 1 + TrafficLabels.PEER));
    names.add("hostname");
    lookups =
        Counter.builder()
            .withoutExemplars()
            .name("istio_on_demand_dns")
            .help("The total number of requests that used on-demand DNS (unstable).")
            .labelNames(names.toArray(String[]::new))
            .register(registry);
    series = new IdleSeries(nanos, lookups::remove);
  }

  void lookedUp(Workload source, String hostname) {
    var values = new ArrayList<String>(1 + TrafficLabels.PEER);
    TrafficLabels.peer(values, PeerLabels.of(source), source.identity());
    values.add(hostname);
    lookups.labelValues(series.used(values)).inc();
  }
}
