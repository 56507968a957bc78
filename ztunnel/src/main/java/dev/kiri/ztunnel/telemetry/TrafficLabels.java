package dev.kiri.ztunnel.telemetry;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The labels of the traffic metrics, in upstream's order; what is not known is `unknown`.
final class TrafficLabels {
  static final String UNKNOWN = "unknown";

  static final String[] NAMES = {
    "reporter",
    "source_workload",
    "source_canonical_service",
    "source_canonical_revision",
    "source_workload_namespace",
    "source_principal",
    "source_app",
    "source_version",
    "source_cluster",
    "destination_service",
    "destination_service_namespace",
    "destination_service_name",
    "destination_workload",
    "destination_canonical_service",
    "destination_canonical_revision",
    "destination_workload_namespace",
    "destination_principal",
    "destination_app",
    "destination_version",
    "destination_cluster",
    "request_protocol",
    "response_flags",
    "connection_security_policy",
    "source_region",
    "source_zone",
    "destination_region",
    "destination_zone"
  };

  static final int FLAG = 21;

  /// How many labels say who one end is.
  static final int PEER = 8;

  private TrafficLabels() {}

  /// The values for a connection without failure.
  static List<String> of(ConnectionFacts facts) {
    var values = new ArrayList<String>(NAMES.length);
    values.add(facts.direction().reporter());
    peer(values, facts.source(), facts.sourceIdentity());
    var service = facts.service();
    values.add(service == null ? UNKNOWN : known(service.hostname()));
    values.add(service == null ? UNKNOWN : known(service.namespace()));
    values.add(service == null ? UNKNOWN : known(service.name()));
    peer(values, facts.destination(), facts.destinationPrincipal());
    values.add("tcp");
    values.add(ResponseFlag.NONE.text());
    values.add(facts.mutualTls() ? "mutual_tls" : UNKNOWN);
    place(values, facts.source());
    place(values, facts.destination());
    return values;
  }

  /// The same values with another flag.
  static List<String> with(List<String> values, ResponseFlag flag) {
    var other = new ArrayList<>(values);
    other.set(FLAG, flag.text());
    return other;
  }

  /// Adds the [#PEER] values of one end.
  static void peer(List<String> values, @Nullable PeerLabels peer, @Nullable Object id) {
    values.add(peer == null ? UNKNOWN : known(peer.workload()));
    values.add(peer == null ? UNKNOWN : known(peer.canonicalService()));
    values.add(peer == null ? UNKNOWN : known(peer.canonicalRevision()));
    values.add(peer == null ? UNKNOWN : known(peer.namespace()));
    values.add(id == null ? UNKNOWN : id.toString());
    values.add(peer == null ? UNKNOWN : known(peer.app()));
    values.add(peer == null ? UNKNOWN : known(peer.version()));
    values.add(peer == null ? UNKNOWN : known(peer.cluster()));
  }

  private static void place(List<String> values, @Nullable PeerLabels peer) {
    values.add(peer == null ? UNKNOWN : known(peer.region()));
    values.add(peer == null ? UNKNOWN : known(peer.zone()));
  }

  private static String known(String value) {
    return value.isEmpty() ? UNKNOWN : value;
  }
}
