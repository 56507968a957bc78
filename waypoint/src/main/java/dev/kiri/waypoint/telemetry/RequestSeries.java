package dev.kiri.waypoint.telemetry;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.policy.ClientIdentity;
import dev.kiri.waypoint.proxy.Client;
import dev.kiri.waypoint.proxy.RequestReport;
import dev.kiri.waypoint.upstream.Target;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What tells one request series from another. Compared by names, not by whole workloads, so that
/// looking one up is cheap.
record RequestSeries(
    Client client,
    @Nullable ServiceKey service,
    String serviceName,
    @Nullable Target target,
    boolean grpc,
    int status,
    String grpcStatus,
    String flags) {

  static RequestSeries of(RequestReport r) {
    ServiceKey addressed = r.destination().service();
    ServiceKey chosen = r.backendService();
    boolean own = chosen == null || chosen.equals(addressed);
    String status = r.grpcStatus();
    return new RequestSeries(
        r.client(),
        own ? addressed : chosen,
        own ? r.destination().serviceName() : "",
        r.target(),
        r.grpc(),
        r.status(),
        status == null ? "" : status,
        r.flags());
  }

  private static String uid(@Nullable Workload workload) {
    return workload == null ? "" : workload.uid();
  }

  private static String principal(Client client) {
    ClientIdentity identity = client.identity();
    return identity == null ? "" : identity.principal();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RequestSeries s
        && s.status == status
        && s.grpc == grpc
        && s.flags.equals(flags)
        && s.grpcStatus.equals(grpcStatus)
        && Objects.equals(s.service, service)
        && Objects.equals(s.target, target)
        && uid(s.client.workload()).equals(uid(client.workload()))
        && principal(s.client).equals(principal(client));
  }

  @Override
  public int hashCode() {
    int hash = principal(client).hashCode();
    hash = hash * 31 + uid(client.workload()).hashCode();
    hash = hash * 31 + Objects.hashCode(service);
    hash = hash * 31 + Objects.hashCode(target);
    return (hash * 31 + status) * 31 + flags.hashCode();
  }
}
