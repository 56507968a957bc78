package dev.kiri.mesh.workload;

import dev.kiri.hbone.identity.TrustDomain;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes a [Workload] from the facts that differ from the wire's defaults. For one thread.
public final class WorkloadBuilder {
  private final String uid;
  private String name = "";
  private String namespace = "";
  private List<InetAddress> addresses = List.of();
  private String network = "";
  private TunnelProtocol protocol = TunnelProtocol.TCP;
  private TrustDomain trustDomain = new TrustDomain("cluster.local");
  private String serviceAccount = "default";
  private @Nullable GatewayAddress waypoint;
  private @Nullable GatewayAddress networkGateway;
  private String node = "";
  private String canonicalName = "";
  private String canonicalRevision = "";
  private WorkloadType workloadType = WorkloadType.DEPLOYMENT;
  private String workloadName = "";
  private boolean nativeTunnel;
  private @Nullable ApplicationTunnel applicationTunnel;
  private String clusterId = "Kubernetes";
  private Locality locality = Locality.UNKNOWN;
  private NetworkMode networkMode = NetworkMode.STANDARD;
  private HealthStatus health = HealthStatus.HEALTHY;
  private String hostname = "";
  private final Map<ServiceKey, PortMap> services = new LinkedHashMap<>();
  private List<String> authorizationPolicies = List.of();
  private int capacity = 1;

  public WorkloadBuilder(String uid) {
    this.uid = uid;
  }

  public WorkloadBuilder name(String namespace, String name) {
    this.namespace = namespace;
    this.name = name;
    return this;
  }

  public WorkloadBuilder addresses(InetAddress... addresses) {
    return addresses(List.of(addresses));
  }

  public WorkloadBuilder addresses(List<InetAddress> addresses) {
    this.addresses = addresses;
    return this;
  }

  public WorkloadBuilder network(String network) {
    this.network = network;
    return this;
  }

  public WorkloadBuilder protocol(TunnelProtocol protocol) {
    this.protocol = protocol;
    return this;
  }

  public WorkloadBuilder trustDomain(TrustDomain trustDomain) {
    this.trustDomain = trustDomain;
    return this;
  }

  public WorkloadBuilder serviceAccount(String serviceAccount) {
    this.serviceAccount = serviceAccount;
    return this;
  }

  public WorkloadBuilder waypoint(@Nullable GatewayAddress waypoint) {
    this.waypoint = waypoint;
    return this;
  }

  public WorkloadBuilder networkGateway(@Nullable GatewayAddress networkGateway) {
    this.networkGateway = networkGateway;
    return this;
  }

  public WorkloadBuilder node(String node) {
    this.node = node;
    return this;
  }

  public WorkloadBuilder canonical(String name, String revision) {
    this.canonicalName = name;
    this.canonicalRevision = revision;
    return this;
  }

  public WorkloadBuilder owner(WorkloadType type, String name) {
    this.workloadType = type;
    this.workloadName = name;
    return this;
  }

  public WorkloadBuilder nativeTunnel(boolean nativeTunnel) {
    this.nativeTunnel = nativeTunnel;
    return this;
  }

  public WorkloadBuilder applicationTunnel(@Nullable ApplicationTunnel tunnel) {
    this.applicationTunnel = tunnel;
    return this;
  }

  public WorkloadBuilder clusterId(String clusterId) {
    this.clusterId = clusterId;
    return this;
  }

  public WorkloadBuilder locality(Locality locality) {
    this.locality = locality;
    return this;
  }

  public WorkloadBuilder networkMode(NetworkMode networkMode) {
    this.networkMode = networkMode;
    return this;
  }

  public WorkloadBuilder health(HealthStatus health) {
    this.health = health;
    return this;
  }

  public WorkloadBuilder hostname(String hostname) {
    this.hostname = hostname;
    return this;
  }

  public WorkloadBuilder service(ServiceKey service, PortMap ports) {
    services.put(service, ports);
    return this;
  }

  public WorkloadBuilder services(Map<ServiceKey, PortMap> services) {
    this.services.clear();
    this.services.putAll(services);
    return this;
  }

  public WorkloadBuilder authorizationPolicies(List<String> names) {
    this.authorizationPolicies = names;
    return this;
  }

  public WorkloadBuilder capacity(int capacity) {
    this.capacity = capacity;
    return this;
  }

  public Workload build() {
    return new Workload(
        uid,
        name,
        namespace,
        addresses,
        network,
        protocol,
        trustDomain,
        serviceAccount,
        waypoint,
        networkGateway,
        node,
        canonicalName,
        canonicalRevision,
        workloadType,
        workloadName,
        nativeTunnel,
        applicationTunnel,
        clusterId,
        locality,
        networkMode,
        health,
        hostname,
        services,
        authorizationPolicies,
        capacity);
  }
}
