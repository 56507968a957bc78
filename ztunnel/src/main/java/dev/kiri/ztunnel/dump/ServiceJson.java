package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.Visibility;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A service with its endpoints as upstream's dump shows it. Pure.
final class ServiceJson {
  private ServiceJson() {}

  static Map<String, @Nullable Object> of(Service service, List<Endpoint> endpoints) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("name", service.name());
    json.put("namespace", service.namespace());
    json.put("hostname", service.hostname());
    json.put("vips", service.vips().stream().map(Object::toString).toList());
    WorkloadJson.list(
        json,
        "cidrVips",
        service.cidrVips().stream()
            .map(vip -> Map.of("network", vip.network(), "cidr", vip.cidr().toString()))
            .toList());
    json.put("ports", service.ports().asMap());
    json.put("endpoints", endpoints(service, endpoints));
    json.put("subjectAltNames", service.subjectAltNames());
    WorkloadJson.present(json, "waypoint", WorkloadJson.gateway(service.waypoint()));
    WorkloadJson.list(
        json,
        "weightedWaypoints",
        service.weightedWaypoints().stream()
            .map(
                one ->
                    Map.of(
                        "destination",
                        present(WorkloadJson.gateway(one.destination())),
                        "weight",
                        one.weight()))
            .toList());
    WorkloadJson.present(json, "loadBalancer", balancing(service.loadBalancing()));
    WorkloadJson.present(json, "ipFamilies", families(service.ipFamilies()));
    json.put("canonical", service.canonical());
    json.put("visibility", service.visibility() == Visibility.PUBLIC ? "Public" : "Namespace");
    return json;
  }

  /// Endpoints that may be chosen; the others upstream does not keep either.
  private static Map<String, Object> endpoints(Service service, List<Endpoint> endpoints) {
    var json = new LinkedHashMap<String, Object>();
    for (var endpoint : endpoints) {
      if (service.balancing().health().admits(endpoint.health())) {
        json.put(endpoint.workloadUid(), endpoint(endpoint));
      }
    }
    return json;
  }

  static Map<String, Object> endpoint(Endpoint endpoint) {
    return Map.of(
        "workloadUid",
        endpoint.workloadUid(),
        "port",
        endpoint.ports().asMap(),
        "status",
        WorkloadJson.health(endpoint.health()));
  }

  private static @Nullable Map<String, @Nullable Object> balancing(
      @Nullable LoadBalancing balancing) {
    if (balancing == null) {
      return null;
    }
    return Map.of(
        "routingPreferences",
        balancing.preferences().stream().map(scope -> capitalised(scope.name())).toList(),
        "mode",
        capitalised(balancing.mode().name()),
        "healthPolicy",
        switch (balancing.health()) {
          case ONLY_HEALTHY -> "OnlyHealthy";
          case ALLOW_ALL -> "AllowAll";
        });
  }

  private static @Nullable String families(IpFamilies families) {
    return switch (families) {
      case AUTOMATIC -> null;
      case IPV4_ONLY -> "IPv4";
      case IPV6_ONLY -> "IPv6";
      case DUAL -> "Dual";
    };
  }

  private static String capitalised(String constant) {
    return constant.charAt(0) + constant.substring(1).toLowerCase(Locale.ROOT);
  }

  private static Object present(@Nullable Object value) {
    return value == null ? Map.of() : value;
  }
}
