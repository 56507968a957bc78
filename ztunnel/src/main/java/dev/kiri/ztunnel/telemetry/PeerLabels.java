package dev.kiri.ztunnel.telemetry;

import dev.kiri.hbone.connect.Baggage;
import dev.kiri.mesh.workload.Workload;
import org.jspecify.annotations.Nullable;

/// What logs and metrics say about one end of a connection. Empty texts are unknown. Immutable.
public record PeerLabels(
    String logName,
    String namespace,
    String cluster,
    String workload,
    String canonicalService,
    String canonicalRevision,
    String app,
    String version,
    String region,
    String zone) {

  /// From what the control plane says: the log names the pod, the metrics its owner.
  public static PeerLabels of(Workload workload) {
    return new PeerLabels(
        workload.name().isEmpty() ? workload.canonicalName() : workload.name(),
        workload.namespace(),
        workload.clusterId(),
        workload.workloadName(),
        workload.canonicalName(),
        workload.canonicalRevision(),
        workload.canonicalName(),
        workload.canonicalRevision(),
        workload.locality().region(),
        workload.locality().zone());
  }

  /// From what the peer says; as upstream, the workload's name stands for the application too.
  public static PeerLabels of(Baggage told) {
    return new PeerLabels(
        text(told.workloadName()),
        text(told.namespace()),
        text(told.cluster()),
        text(told.workloadName()),
        text(told.serviceName()),
        text(told.serviceVersion()),
        text(told.workloadName()),
        text(told.serviceVersion()),
        text(told.region()),
        text(told.zone()));
  }

  private static String text(@Nullable String field) {
    return field == null ? "" : field;
  }
}
