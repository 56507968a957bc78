package dev.kiri.local.service;

import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.network.Topology;
import dev.kiri.local.store.KubeObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Fills in what an API server gives a Service: cluster addresses, families, node ports. Pure.
public final class ServiceAddresses {
  private static final String PREFIX = "10.96.";
  private static final String PREFIX_6 = "fd00:10:96::";
  private static final int FIRST = 256; // the first 255 are for services that name their address
  private static final int LAST = 65_534;
  private static final int FIRST_NODE_PORT = 30_000;

  private ServiceAddresses() {}

  /// The service with everything filled in. Keeps what it has, so it is safe to repeat.
  public static KubeObject complete(KubeObject service, Collection<KubeObject> others) {
    var type = service.textOr("ClusterIP", "spec", "type");
    var out =
        service.with(type, "spec", "type").with(ports(service, type, others), "spec", "ports");
    if (type.equals("ExternalName")) {
      return service.maps("spec", "ports").isEmpty() ? out.with(null, "spec", "ports") : out;
    }
    out = out.with(service.textOr("None", "spec", "sessionAffinity"), "spec", "sessionAffinity");
    var families = families(service);
    out =
        out.with(families, "spec", "ipFamilies")
            .with(service.textOr("SingleStack", "spec", "ipFamilyPolicy"), "spec", "ipFamilyPolicy")
            .with(
                service.textOr("Cluster", "spec", "internalTrafficPolicy"),
                "spec",
                "internalTrafficPolicy");
    if (service.text("spec", "clusterIP").equals("None")) {
      return out.with(List.of("None"), "spec", "clusterIPs");
    }
    var given = new ArrayList<>(textsOf(service.at("spec", "clusterIPs")));
    if (given.isEmpty() && !service.text("spec", "clusterIP").isEmpty()) {
      given.add(service.text("spec", "clusterIP"));
    }
    var addresses = new ArrayList<String>();
    for (var family : families) {
      boolean six = family.equals("IPv6");
      addresses.add(
          given.stream()
              .filter(a -> a.contains(":") == six)
              .findFirst()
              .orElseGet(() -> free(service, six, others)));
    }
    return out.with(addresses, "spec", "clusterIPs")
        .with(addresses.getFirst(), "spec", "clusterIP");
  }

  private static List<String> families(KubeObject service) {
    var given = textsOf(service.at("spec", "ipFamilies"));
    var policy = service.text("spec", "ipFamilyPolicy");
    boolean dual = policy.equals("PreferDualStack") || policy.equals("RequireDualStack");
    boolean sixFirst =
        given.isEmpty()
            ? service.text("spec", "clusterIP").contains(":")
            : given.getFirst().equals("IPv6");
    if (!dual) {
      return given.isEmpty() ? List.of(sixFirst ? "IPv6" : "IPv4") : given;
    }
    return sixFirst ? List.of("IPv6", "IPv4") : List.of("IPv4", "IPv6");
  }

  private static String free(KubeObject service, boolean six, Collection<KubeObject> others) {
    var used = new HashSet<String>();
    for (var other : others) {
      if (!other.key().equals(service.key())) {
        textsOf(other.at("spec", "clusterIPs"))
            .forEach(a -> used.add(Topology.canonical(a.equals("None") ? "" : a)));
      }
    }
    int start = FIRST + Math.floorMod(service.key().toString().hashCode(), LAST - FIRST);
    for (int i = start; ; i = i == LAST ? FIRST : i + 1) {
      var address =
          six
              ? Topology.canonical(PREFIX_6 + Integer.toHexString(i))
              : PREFIX + (i >> 8) + "." + (i & 0xff);
      if (!used.contains(address)) {
        return address;
      }
    }
  }

  private static List<Map<String, Object>> ports(
      KubeObject service, String type, Collection<KubeObject> others) {
    boolean onNodes = type.equals("NodePort") || type.equals("LoadBalancer");
    var used = nodePorts(others);
    var out = new ArrayList<Map<String, Object>>();
    for (var port : service.maps("spec", "ports")) {
      var full = new LinkedHashMap<>(port);
      full.putIfAbsent("protocol", "TCP");
      if (!service.text("spec", "clusterIP").equals("None") || port.containsKey("targetPort")) {
        full.putIfAbsent("targetPort", port.getOrDefault("port", 0));
      }
      if (onNodes && !full.containsKey("nodePort")) {
        int free = FIRST_NODE_PORT;
        while (!used.add(free)) {
          free++;
        }
        full.put("nodePort", free);
      }
      out.add(full);
    }
    return out;
  }

  private static Set<Integer> nodePorts(Collection<KubeObject> services) {
    var out = new HashSet<Integer>();
    services.forEach(
        s ->
            s.maps("spec", "ports")
                .forEach(
                    p -> {
                      if (p.get("nodePort") instanceof Integer number) {
                        out.add(number);
                      }
                    }));
    return out;
  }
}
