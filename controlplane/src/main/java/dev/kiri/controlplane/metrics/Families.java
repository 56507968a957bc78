package dev.kiri.controlplane.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.DoubleSupplier;

/// Registers families in one registry.
record Families(PrometheusRegistry registry) {
  private static final double NANOS = 1e9;

  Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  Gauge gauge(String name, String help, String... labels) {
    return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  /// A gauge that is asked for at each scrape.
  void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(to -> to.call(value.getAsDouble()))
        .register(registry);
  }

  /// Seconds, in upstream's buckets and finer ones below: a change takes milliseconds here.
  Histogram seconds(String name, String help, String... labels) {
    return histogram(
        name, help, new double[] {.001, .005, .01, .02, .05, .1, .5, 1, 3, 5, 10, 20, 30}, labels);
  }

  Histogram histogram(String name, String help, double[] upperBounds, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(upperBounds)
        .register(registry);
  }

  /// Nanoseconds as the seconds that histograms hold.
  static double seconds(long nanos) {
    return nanos / NANOS;
  }
}
