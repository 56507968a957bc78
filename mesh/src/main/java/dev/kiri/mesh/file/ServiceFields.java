package dev.kiri.mesh.file;

import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.IpPrefix;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.LoadBalancing.HealthPolicy;
import dev.kiri.mesh.workload.LoadBalancing.Mode;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WeightedWaypoint;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Reads a service. Endpoints that a dump shows with it are left out: they follow from the
/// workloads.
final class ServiceFields {
  private static final Map<String, Scope> SCOPES = Fields.spelled(Scope.class);
  private static final Map<String, Mode> MODES = Fields.spelled(Mode.class);
  private static final Map<String, HealthPolicy> HEALTH =
      Map.of("OnlyHealthy", HealthPolicy.ONLY_HEALTHY, "AllowAll", HealthPolicy.ALLOW_ALL);
  private static final Map<String, IpFamilies> FAMILIES =
      Map.of("IPv4", IpFamilies.IPV4_ONLY, "IPv6", IpFamilies.IPV6_ONLY, "Dual", IpFamilies.DUAL);
  private static final Map<String, Visibility> VISIBILITIES = Fields.spelled(Visibility.class);

  private ServiceFields() {}

  static Service read(Fields fields) throws InvalidMeshFile {
    fields.map("endpoints", (_, _) -> "");
    return new Service(
        fields.text("name"),
        fields.text("namespace"),
        fields.text("hostname"),
        fields.values("vips", Addresses::networkAddress),
        fields.list("cidrVips", (node, path) -> Fields.object(node, path, ServiceFields::range)),
        Addresses.ports(
            fields.map("ports", (node, path) -> Fields.value(node, path, Fields::number)), "ports"),
        fields.values("subjectAltNames", text -> text),
        fields.object("waypoint", Addresses::gateway),
        weighted(fields),
        fields.object("loadBalancer", ServiceFields::balancing),
        fields.one("ipFamilies", FAMILIES, IpFamilies.AUTOMATIC),
        fields.flag("canonical", false),
        fields.one("visibility", VISIBILITIES, Visibility.PUBLIC));
  }

  private static CidrVip range(Fields fields) throws InvalidMeshFile {
    String network = fields.text("network", "");
    var cidr = fields.value("cidr", IpPrefix::parse);
    if (cidr == null) {
      throw new InvalidMeshFile("cidrVips: cidr is missing");
    }
    return new CidrVip(network, cidr);
  }

  private static List<WeightedWaypoint> weighted(Fields fields) throws InvalidMeshFile {
    return fields.list(
        "weightedWaypoints",
        (node, path) ->
            Fields.object(
                node,
                path,
                each -> {
                  var destination = each.object("destination", Addresses::gateway);
                  if (destination == null) {
                    throw InvalidMeshFile.at(node, path, "destination is missing");
                  }
                  return new WeightedWaypoint(destination, each.number("weight", 0));
                }));
  }

  private static LoadBalancing balancing(Fields fields) throws InvalidMeshFile {
    return new LoadBalancing(
        fields.values("routingPreferences", text -> Fields.oneOf(text, SCOPES)),
        fields.one("mode", MODES, Mode.STANDARD),
        Objects.requireNonNull(fields.one("healthPolicy", HEALTH, HealthPolicy.ONLY_HEALTHY)));
  }
}
