package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.NodeObject;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.ApplicationTunnel;
import dev.kiri.mesh.proto.workload.Locality;
import dev.kiri.mesh.proto.workload.NetworkMode;
import dev.kiri.mesh.proto.workload.TunnelProtocol;
import dev.kiri.mesh.proto.workload.Workload;
import dev.kiri.mesh.proto.workload.WorkloadStatus;
import dev.kiri.mesh.proto.workload.WorkloadType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A pod as proxies see it (controlplane.md 3). Stateless apart from its tables.
final class WorkloadDerivation {
  private final ObjectTables tables;
  private final Table<String, Waypoint> waypoints;
  private final Binder binder;
  private final PeerAuthentications peers;
  private final Memberships memberships;
  private final MeshSettings settings;

  WorkloadDerivation(
      ObjectTables tables,
      Table<String, Waypoint> waypoints,
      Binder binder,
      PeerAuthentications peers,
      Memberships memberships,
      MeshSettings settings) {
    this.tables = tables;
    this.waypoints = waypoints;
    this.binder = binder;
    this.peers = peers;
    this.memberships = memberships;
    this.settings = settings;
  }

  @Nullable EncodedResource derive(PodObject pod, Reader reader) {
    if (pod.finished() || pod.addresses().isEmpty()) {
      return null;
    }
    String network = ServiceDerivation.network(tables, settings, reader);
    String workloadName = WorkloadNames.workload(pod);
    Workload.Builder out =
        Workload.newBuilder()
            .setUid(uid(pod))
            .setName(pod.meta().name())
            .setNamespace(pod.meta().namespace())
            .setNetwork(network)
            .setTrustDomain(elided(settings.trustDomain()))
            .setServiceAccount(pod.serviceAccount())
            .setNode(pod.nodeName())
            .setCanonicalName(WorkloadNames.canonicalName(pod.meta().labels(), workloadName))
            .setCanonicalRevision(WorkloadNames.canonicalRevision(pod.meta().labels()))
            .setWorkloadType(WorkloadType.POD)
            .setWorkloadName(workloadName)
            .setClusterId(settings.clusterId())
            .setStatus(
                pod.ready() && !pod.meta().deleting()
                    ? WorkloadStatus.HEALTHY
                    : WorkloadStatus.UNHEALTHY)
            .setNetworkMode(pod.hostNetwork() ? NetworkMode.HOST_NETWORK : NetworkMode.STANDARD);
    List<String> aliases = new ArrayList<>();
    for (InetAddress address : pod.addresses()) {
      out.addAddresses(Encoding.bytes(address));
      if (!pod.hostNetwork()) {
        aliases.add(Encoding.alias(network, address));
      }
    }
    tunnel(out, pod.meta().labels(), pod.meta().annotations());
    locality(out, reader.get(tables.nodes, pod.nodeName()));
    if (binder.workload(pod.meta(), reader) instanceof Binding.Bound(Waypoint waypoint, var _)) {
      out.setWaypoint(waypoint.address());
    }
    applicationTunnel(out, pod, reader);
    var services = memberships.of(pod, reader);
    out.putAllServices(services);
    out.addAllAuthorizationPolicies(policies(pod.meta(), reader));
    return EncodedResource.of(
        WellKnown.ADDRESS_TYPE,
        uid(pod),
        Address.newBuilder().setWorkload(out).build(),
        aliases,
        services.keySet(),
        pod.nodeName());
  }

  private String uid(PodObject pod) {
    return settings.clusterId() + "//Pod/" + pod.meta().namespace() + "/" + pod.meta().name();
  }

  static String elided(String trustDomain) {
    return trustDomain.equals("cluster.local") ? "" : trustDomain;
  }

  /// HBONE where the node agent has captured the pod, or where the pod speaks it by itself; being
  /// in an ambient namespace is not enough (controlplane.md 3.4).
  static void tunnel(
      Workload.Builder out, Map<String, String> labels, Map<String, String> annotations) {
    if ("enabled".equals(annotations.get(WellKnown.REDIRECTION))) {
      out.setTunnelProtocol(TunnelProtocol.HBONE);
    } else if (List.of(labels.getOrDefault(WellKnown.TUNNEL, "").split(",")).contains("http")) {
      out.setTunnelProtocol(TunnelProtocol.HBONE).setNativeTunnel(true);
    }
  }

  private static void locality(Workload.Builder out, @Nullable NodeObject node) {
    if (node == null) {
      return;
    }
    Map<String, String> labels = node.meta().labels();
    Locality locality =
        Locality.newBuilder()
            .setRegion(labels.getOrDefault(WellKnown.REGION, ""))
            .setZone(labels.getOrDefault(WellKnown.ZONE, ""))
            .setSubzone(labels.getOrDefault(WellKnown.SUBZONE, ""))
            .build();
    if (!locality.equals(Locality.getDefaultInstance())) {
      out.setLocality(locality);
    }
  }

  private void applicationTunnel(Workload.Builder out, PodObject pod, Reader reader) {
    String gateway = pod.meta().label(WellKnown.GATEWAY_NAME);
    if (gateway == null) {
      return;
    }
    Waypoint waypoint = reader.get(waypoints, pod.meta().namespace() + "/" + gateway);
    Waypoint.InboundBinding inbound = waypoint == null ? null : waypoint.inbound();
    if (inbound != null) {
      out.setApplicationTunnel(
          ApplicationTunnel.newBuilder()
              .setProtocol(
                  inbound.proxyProtocol()
                      ? ApplicationTunnel.Protocol.PROXY
                      : ApplicationTunnel.Protocol.NONE)
              .setPort(inbound.port()));
    }
  }

  /// Selector policies of the own and of the root namespace, sorted, then what PeerAuthentications
  /// ask for (controlplane.md 7.4).
  List<String> policies(Meta workload, Reader reader) {
    TreeSet<String> names = new TreeSet<>();
    String namespace = workload.namespace();
    for (String in : new TreeSet<>(List.of(namespace, settings.rootNamespace()))) {
      for (AuthorizationPolicyObject policy :
          Selection.selecting(
              reader,
              tables.policiesBySelector,
              AuthorizationPolicyObject::selector,
              in,
              workload.labels())) {
        if (AuthorizationConversion.isConverted(policy, settings)) {
          names.add(policy.key().path());
        }
      }
    }
    List<String> all = new ArrayList<>(names);
    all.addAll(peers.policiesOf(workload, reader));
    return all;
  }
}
