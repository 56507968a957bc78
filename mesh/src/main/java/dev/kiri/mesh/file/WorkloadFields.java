package dev.kiri.mesh.file;

import dev.kiri.hbone.identity.TrustDomain;
import dev.kiri.mesh.workload.ApplicationTunnel;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.Locality;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.mesh.workload.WorkloadType;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Map;

/// Reads a workload. Unlike on the wire, a trust domain or service account that is not said is
/// empty.
final class WorkloadFields {
  private static final Map<String, TunnelProtocol> PROTOCOLS =
      Map.of("TCP", TunnelProtocol.TCP, "HBONE", TunnelProtocol.HBONE);
  private static final Map<String, NetworkMode> MODES = Fields.spelled(NetworkMode.class);
  private static final Map<String, HealthStatus> STATES = Fields.spelled(HealthStatus.class);
  private static final Map<String, ApplicationTunnel.Protocol> TUNNELS =
      Map.of("NONE", ApplicationTunnel.Protocol.NONE, "PROXY", ApplicationTunnel.Protocol.PROXY);

  private WorkloadFields() {}

  static Workload read(Fields fields) throws InvalidMeshFile {
    var builder = new WorkloadBuilder(fields.text("uid", ""));
    String name = fields.text("name", "");
    builder
        .name(fields.text("namespace"), name)
        .addresses(
            fields.neededList(
                "workloadIps", (node, path) -> Fields.value(node, path, InetAddress::ofLiteral)))
        .protocol(fields.one("protocol", PROTOCOLS, TunnelProtocol.TCP))
        .networkMode(fields.one("networkMode", MODES, NetworkMode.STANDARD))
        .trustDomain(new TrustDomain(fields.text("trustDomain", "")))
        .serviceAccount(fields.text("serviceAccount", ""))
        .network(fields.text("network", ""))
        .node(fields.text("node", ""))
        .health(fields.one("status", STATES, HealthStatus.HEALTHY))
        .clusterId(fields.text("clusterId", ""))
        .capacity(fields.number("capacity", 1))
        .waypoint(fields.object("waypoint", Addresses::gateway))
        .networkGateway(fields.object("networkGateway", Addresses::gateway))
        .applicationTunnel(fields.object("applicationTunnel", WorkloadFields::tunnel))
        .authorizationPolicies(fields.values("authorizationPolicies", text -> text))
        .nativeTunnel(fields.flag("nativeTunnel", false))
        .hostname(fields.text("hostname", ""))
        .owner(type(fields), fields.text("workloadName", ""))
        .canonical(fields.text("canonicalName", ""), fields.text("canonicalRevision", ""));
    var locality = fields.object("locality", WorkloadFields::locality);
    if (locality != null) {
      builder.locality(locality);
    }
    for (var service : fields.map("services", Addresses::ports).entrySet()) {
      try {
        builder.service(Addresses.serviceKey(service.getKey()), service.getValue());
      } catch (IllegalArgumentException bad) {
        throw new InvalidMeshFile("service `" + service.getKey() + "`: " + bad.getMessage());
      }
    }
    return builder.build();
  }

  private static WorkloadType type(Fields fields) throws InvalidMeshFile {
    var read =
        fields.value("workloadType", text -> WorkloadType.valueOf(text.toUpperCase(Locale.ROOT)));
    return read == null ? WorkloadType.DEPLOYMENT : read;
  }

  private static ApplicationTunnel tunnel(Fields fields) throws InvalidMeshFile {
    return new ApplicationTunnel(fields.one("protocol", TUNNELS), fields.number("port", 0));
  }

  private static Locality locality(Fields fields) throws InvalidMeshFile {
    return new Locality(
        fields.text("region", ""), fields.text("zone", ""), fields.text("subzone", ""));
  }
}
