package dev.kiri.ops.metrics;

import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The metrics of one process. Families are built with the Prometheus client's builders and
/// registered with [#registry]. Thread-safe. Series never expire by themselves: whoever makes
/// series out of peers or workloads bounds them.
public final class Metrics {
  private static final String OPEN_METRICS = "application/openmetrics-text";

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final OpenMetricsTextFormatWriter writer =
      OpenMetricsTextFormatWriter.builder()
          .setCreatedTimestampsEnabled(false)
          .setExemplarsOnAllMetricTypesEnabled(false)
          .build();

  /// Where families are registered.
  public PrometheusRegistry registry() {
    return registry;
  }

  /// Registers `istio_build` and the process's open and highest number of file descriptors.
  public Metrics withProcess(String component, String tag) {
    Gauge.builder()
        .withoutExemplars()
        .name("istio_build")
        .help("Istio component build info.")
        .labelNames("component", "tag")
        .register(registry)
        .labelValues(component, tag)
        .set(1);
    ProcessDescriptors.register(registry);
    return this;
  }

  /// All families as OpenMetrics text, ending in `# EOF`.
  public String text() {
    var out = new ByteArrayOutputStream(16 * 1024);
    try {
      writer.write(out, registry.scrape());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /// Answers `/metrics` and `/stats/prometheus`.
  public AdminHandler handler() {
    return this::answer;
  }

  private AdminResponse answer(AdminRequest request) {
    var accepted = request.header("accept").toLowerCase(Locale.ROOT);
    var type =
        accepted.contains(OPEN_METRICS)
            ? OPEN_METRICS + ";charset=utf-8;version=1.0.0"
            : "text/plain; charset=utf-8";
    return AdminResponse.streaming(200, type, out -> writer.write(out, registry.scrape()));
  }
}
