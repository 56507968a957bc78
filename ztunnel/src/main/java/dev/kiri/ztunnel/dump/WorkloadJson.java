package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.workload.ApplicationTunnel;
import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.Workload;
import io.netty.util.NetUtil;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A workload as upstream's dump shows it; empty fields are left out. Pure.
final class WorkloadJson {
  private WorkloadJson() {}

  static Map<String, @Nullable Object> of(Workload workload) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("workloadIps", workload.addresses().stream().map(NetUtil::toAddressString).toList());
    json.put("protocol", workload.protocol().name());
    json.put(
        "networkMode",
        workload.networkMode() == NetworkMode.HOST_NETWORK ? "HostNetwork" : "Standard");
    json.put("name", workload.name());
    json.put("namespace", workload.namespace());
    json.put("clusterId", workload.clusterId());
    json.put("status", health(workload.health()));
    json.put("capacity", Integer.toUnsignedLong(workload.capacity()));
    text(json, "uid", workload.uid());
    text(json, "trustDomain", workload.trustDomain().name());
    text(json, "serviceAccount", workload.serviceAccount());
    text(json, "network", workload.network());
    text(json, "node", workload.node());
    text(json, "hostname", workload.hostname());
    text(json, "canonicalName", workload.canonicalName());
    text(json, "canonicalRevision", workload.canonicalRevision());
    if (!workload.workloadName().isEmpty()) {
      json.put("workloadName", workload.workloadName());
      json.put("workloadType", workload.workloadType().text());
    }
    if (workload.nativeTunnel()) {
      json.put("nativeTunnel", true);
    }
    present(json, "applicationTunnel", tunnel(workload.applicationTunnel()));
    present(json, "waypoint", gateway(workload.waypoint()));
    present(json, "networkGateway", gateway(workload.networkGateway()));
    list(json, "authorizationPolicies", workload.authorizationPolicies());
    list(
        json,
        "services",
        workload.services().keySet().stream().map(Object::toString).sorted().toList());
    if (!workload.locality().isUnknown()) {
      var where = workload.locality();
      json.put(
          "locality",
          Map.of("region", where.region(), "zone", where.zone(), "subzone", where.subzone()));
    }
    return json;
  }

  static String health(HealthStatus status) {
    return switch (status) {
      case HEALTHY -> "Healthy";
      case UNHEALTHY -> "Unhealthy";
    };
  }

  static @Nullable Map<String, @Nullable Object> gateway(@Nullable GatewayAddress address) {
    return switch (address) {
      case null -> null;
      case GatewayAddress.ByHostname(var host, int port) ->
          Map.of("destination", host.toString(), "hboneMtlsPort", port);
      case GatewayAddress.ByAddress(var at, int port) ->
          Map.of("destination", at.toString(), "hboneMtlsPort", port);
    };
  }

  private static @Nullable Map<String, @Nullable Object> tunnel(
      @Nullable ApplicationTunnel tunnel) {
    if (tunnel == null) {
      return null;
    }
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("protocol", tunnel.protocol().name());
    json.put("port", tunnel.port() == 0 ? null : tunnel.port());
    return json;
  }

  static void text(Map<String, @Nullable Object> json, String key, String value) {
    if (!value.isEmpty()) {
      json.put(key, value);
    }
  }

  static void present(Map<String, @Nullable Object> json, String key, @Nullable Object value) {
    if (value != null) {
      json.put(key, value);
    }
  }

  static void list(Map<String, @Nullable Object> json, String key, Collection<?> values) {
    if (!values.isEmpty()) {
      json.put(key, values);
    }
  }
}
