package dev.kiri.mesh.workload;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.TrustDomain;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Something that runs and can be called: usually a pod.
///
/// Strings that are not known are empty, as on the wire. Made by [WorkloadBuilder], by decoding,
/// or by the constructor; lists and maps are copied.
///
/// @param uid the primary key, for a pod `cluster//Pod/namespace/name`
/// @param addresses may be empty: then it is reached by [#hostname] or through [#networkGateway]
/// @param waypoint for traffic addressed to the workload itself, not to a service
/// @param networkGateway the way into its network from other networks
/// @param nativeTunnel it speaks HBONE itself, without a node proxy
/// @param services the services it stands behind, with its ports for each
/// @param authorizationPolicies names of the selector-scoped policies that apply to it
/// @param capacity its weight among the endpoints of a service; unsigned
public record Workload(
    String uid,
    String name,
    String namespace,
    List<InetAddress> addresses,
    String network,
    TunnelProtocol protocol,
    TrustDomain trustDomain,
    String serviceAccount,
    @Nullable GatewayAddress waypoint,
    @Nullable GatewayAddress networkGateway,
    String node,
    String canonicalName,
    String canonicalRevision,
    WorkloadType workloadType,
    String workloadName,
    boolean nativeTunnel,
    @Nullable ApplicationTunnel applicationTunnel,
    String clusterId,
    Locality locality,
    NetworkMode networkMode,
    HealthStatus health,
    String hostname,
    Map<ServiceKey, PortMap> services,
    List<String> authorizationPolicies,
    int capacity) {

  public Workload {
    addresses = List.copyOf(addresses);
    services = Map.copyOf(services);
    authorizationPolicies = List.copyOf(authorizationPolicies);
  }

  /// Who the workload is, on every tunnel it opens or answers.
  public SpiffeId identity() {
    return new SpiffeId(trustDomain, namespace, serviceAccount);
  }

  /// Whether it is found by its addresses.
  public boolean ownsItsAddresses() {
    return networkMode != NetworkMode.HOST_NETWORK;
  }

  /// Whether its uid says it is a pod rather than, say, a hand-written entry.
  public boolean isPod() {
    return uid.contains("//Pod/");
  }
}
