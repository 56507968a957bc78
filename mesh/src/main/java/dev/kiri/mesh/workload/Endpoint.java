package dev.kiri.mesh.workload;

/// One workload behind a service, with the ports it serves that service on.
///
/// Endpoints are derived from workloads, so the workload is always known. Unhealthy ones are kept:
/// whether they take part is decided when one is chosen, by [LoadBalancing.HealthPolicy#admits].
///
/// @param ports from the service's ports to this workload's; may be empty
public record Endpoint(Workload workload, PortMap ports) {

  public String workloadUid() {
    return workload.uid();
  }

  public HealthStatus health() {
    return workload.health();
  }
}
