package dev.kiri.waypoint.telemetry;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.waypoint.policy.ClientIdentity;
import dev.kiri.waypoint.proxy.Client;
import dev.kiri.waypoint.proxy.Destination;
import dev.kiri.waypoint.upstream.Target;
import org.jspecify.annotations.Nullable;

/// The labels of upstream's telemetry, in upstream's order (istio filter `istio.stats`).
final class SeriesLabels {
  private static final String UNKNOWN = "unknown";
  private static final String[] COMMON = {
    "reporter",
    "source_workload",
    "source_canonical_service",
    "source_canonical_revision",
    "source_workload_namespace",
    "source_principal",
    "source_app",
    "source_version",
    "source_cluster",
    "destination_workload",
    "destination_workload_namespace",
    "destination_principal",
    "destination_app",
    "destination_version",
    "destination_service",
    "destination_canonical_service",
    "destination_canonical_revision",
    "destination_service_name",
    "destination_service_namespace",
    "destination_cluster",
    "request_protocol"
  };

  static final String[] TCP_NAMES = followedBy("response_flags", "connection_security_policy");

  static final String[] REQUEST_NAMES =
      followedBy(
          "response_code", "grpc_response_status", "response_flags", "connection_security_policy");

  private SeriesLabels() {}

  private static String[] followedBy(String... more) {
    String[] names = new String[COMMON.length + more.length];
    System.arraycopy(COMMON, 0, names, 0, COMMON.length);
    System.arraycopy(more, 0, names, COMMON.length, more.length);
    return names;
  }

  static String[] tcp(
      Client client, Destination destination, @Nullable Target target, String flags) {
    String[] values = new String[TCP_NAMES.length];
    source(values, client);
    destination(values, destination.service(), destination.serviceName(), target);
    int at = COMMON.length;
    values[at - 1] = "tcp";
    values[at] = flags;
    values[at + 1] = security(client);
    return values;
  }

  static String[] request(RequestSeries s) {
    String[] values = new String[REQUEST_NAMES.length];
    source(values, s.client());
    destination(values, s.service(), s.serviceName(), s.target());
    int at = COMMON.length;
    values[at - 1] = s.grpc() ? "grpc" : "http";
    values[at] = Integer.toString(s.status());
    values[at + 1] = s.grpcStatus();
    values[at + 2] = s.flags();
    values[at + 3] = security(s.client());
    return values;
  }

  private static void source(String[] v, Client client) {
    Workload source = client.workload();
    ClientIdentity identity = client.identity();
    String revision = source == null ? "" : source.canonicalRevision();
    v[0] = "waypoint";
    v[1] = source == null ? UNKNOWN : orUnknown(source.workloadName());
    v[2] = source == null ? UNKNOWN : orUnknown(source.canonicalName());
    v[3] = revision.isEmpty() ? "latest" : revision;
    v[4] = identity != null ? identity.namespace() : source == null ? UNKNOWN : source.namespace();
    v[5] = identity == null ? UNKNOWN : identity.id().uri();
    v[6] = v[2];
    v[7] = orUnknown(revision);
    v[8] = source == null ? UNKNOWN : orUnknown(source.clusterId());
  }

  private static void destination(
      String[] v, @Nullable ServiceKey service, String serviceName, @Nullable Target target) {
    Workload to = target == null ? null : target.workload();
    v[9] = to == null ? UNKNOWN : orUnknown(to.workloadName());
    v[10] = to == null ? UNKNOWN : orUnknown(to.namespace());
    v[11] = to == null ? UNKNOWN : to.identity().uri();
    v[12] = to == null ? UNKNOWN : orUnknown(to.canonicalName());
    v[13] = to == null ? UNKNOWN : orUnknown(to.canonicalRevision());
    v[14] = service == null ? UNKNOWN : service.hostname();
    v[15] = v[12];
    v[16] = v[13];
    v[17] = service == null ? UNKNOWN : name(serviceName, service.hostname());
    v[18] = service == null ? UNKNOWN : service.namespace();
    v[19] = to == null ? UNKNOWN : orUnknown(to.clusterId());
  }

  private static String security(Client client) {
    return client.identity() == null ? "none" : "mutual_tls";
  }

  private static String name(String known, String hostname) {
    if (!known.isEmpty()) {
      return known;
    }
    int dot = hostname.indexOf('.');
    return dot < 0 ? hostname : hostname.substring(0, dot);
  }

  private static String orUnknown(String text) {
    return text.isEmpty() ? UNKNOWN : text;
  }
}
