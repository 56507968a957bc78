package dev.kiri.controlplane.metrics;

import dev.kiri.controlplane.source.WriteObserver;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;

/// What waits to be written back, and what could not be.
public final class WriteMetrics implements WriteObserver {
  private static final String QUEUE = "queueName";
  private static final String NAME = "write";

  private final GaugeDataPoint depth;
  private final DistributionDataPoint latency;
  private final DistributionDataPoint duration;
  private final Counter givenUp;

  WriteMetrics(Families families) {
    depth =
        families.gauge("pilot_worker_queue_depth", "Writes that wait.", QUEUE).labelValues(NAME);
    latency =
        families
            .seconds("pilot_worker_queue_latency", "Seconds that a write waits.", QUEUE)
            .labelValues(NAME);
    duration =
        families
            .seconds("pilot_worker_queue_duration", "Seconds of a write with its attempts.", QUEUE)
            .labelValues(NAME);
    givenUp =
        families.counter(
            "controller_sync_errors_total", "Writes that were given up after all attempts.");
  }

  @Override
  public void waiting(int writes) {
    depth.set(writes);
  }

  @Override
  public void taken(long nanosWaited) {
    latency.observe(Families.seconds(nanosWaited));
  }

  @Override
  public void done(long nanos) {
    duration.observe(Families.seconds(nanos));
  }

  @Override
  public void givenUp() {
    givenUp.inc();
  }
}
