package dev.kiri.local.dns;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;
import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.network.Topology;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.workload.Pods;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// All names that exist, lower case and without a final dot. Immutable.
///
/// @param addresses names with addresses of either family
/// @param aliases names that stand for another name (`ExternalName`)
/// @param services `_port._protocol.service` names
/// @param pointers addresses with a name
public record DnsZone(
    Map<String, Set<String>> addresses,
    Map<String, String> aliases,
    Map<String, List<Service>> services,
    Map<String, String> pointers) {
  private static final String SVC = ".svc." + Topology.CLUSTER_DOMAIN;
  private static final String HOSTNAMES = "local.kiri.dev/hostnames";

  /// One answer to a service query (RFC 2782).
  public record Service(int port, String target) {}

  public static final DnsZone EMPTY = new DnsZone(Map.of(), Map.of(), Map.of(), Map.of());

  /// The names of Services, their endpoints, and of pods that stand outside.
  public static DnsZone of(
      Collection<KubeObject> services, Collection<KubeObject> slices, Collection<KubeObject> pods) {
    var zone = new Builder();
    for (var service : services) {
      zone.service(service, slices);
    }
    pods.forEach(zone::outside);
    zone.address("kubernetes.default" + SVC, "10.96.0.1");
    zone.address("kube-dns.kube-system" + SVC, Topology.DNS_ADDRESS);
    return new DnsZone(zone.addresses, zone.aliases, zone.serviceNames, zone.pointers);
  }

  private static final class Builder {
    final Map<String, Set<String>> addresses = new HashMap<>();
    final Map<String, String> aliases = new HashMap<>();
    final Map<String, List<Service>> serviceNames = new HashMap<>();
    final Map<String, String> pointers = new HashMap<>();

    void address(String name, String address) {
      addresses
          .computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new LinkedHashSet<>())
          .add(address);
    }

    void service(KubeObject service, Collection<KubeObject> slices) {
      var name = service.name() + "." + service.namespace() + SVC;
      if (service.text("spec", "type").equals("ExternalName")) {
        aliases.put(name, stripped(service.text("spec", "externalName")));
        return;
      }
      boolean headless = service.text("spec", "clusterIP").equals("None");
      if (headless) {
        addresses.computeIfAbsent(
            name, _ -> new LinkedHashSet<>()); // exists even without endpoints
      } else {
        for (var address : textsOf(service.at("spec", "clusterIPs"))) {
          address(name, address);
          pointers.put(address, name);
        }
        for (var port : service.maps("spec", "ports")) {
          serviceName(port, name, numberIn(port, 0, "port"), name);
        }
      }
      slices.stream()
          .filter(s -> s.namespace().equals(service.namespace()))
          .filter(s -> service.name().equals(s.labels().get("kubernetes.io/service-name")))
          .forEach(
              s ->
                  endpoints(
                      s, name, headless, service.flag(false, "spec", "publishNotReadyAddresses")));
    }

    private void endpoints(KubeObject slice, String service, boolean headless, boolean unready) {
      for (var endpoint : slice.maps("endpoints")) {
        if (Boolean.FALSE.equals(in(endpoint, "conditions", "ready")) && !unready) {
          continue;
        }
        for (var address : textsOf(in(endpoint, "addresses"))) {
          var host = textIn(endpoint, "hostname");
          var label = host.isEmpty() ? address.replace('.', '-').replace(':', '-') : host;
          if (headless) {
            address(service, address);
            address(label + "." + service, address);
            pointers.put(address, label + "." + service);
            for (var port : slice.maps("ports")) {
              serviceName(port, service, numberIn(port, 0, "port"), label + "." + service);
            }
          } else if (!host.isEmpty()) {
            address(label + "." + service, address);
          }
        }
      }
    }

    private void serviceName(Map<String, Object> port, String service, int number, String target) {
      var name = textIn(port, "name");
      if (!name.isEmpty()) {
        var protocol =
            textIn(port, "protocol").isEmpty()
                ? "tcp"
                : textIn(port, "protocol").toLowerCase(Locale.ROOT);
        serviceNames
            .computeIfAbsent("_" + name + "._" + protocol + "." + service, _ -> new ArrayList<>())
            .add(new Service(number, target));
      }
    }

    void outside(KubeObject pod) {
      if (!Pods.isOutside(pod)) {
        return;
      }
      var names =
          new HashSet<>(List.of(pod.annotations().getOrDefault(HOSTNAMES, "").split("[,\\s]+")));
      names.remove("");
      for (var name : names) {
        pod.maps("status", "podIPs").forEach(ip -> address(stripped(name), textIn(ip, "ip")));
      }
    }
  }

  private static String stripped(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /// The addresses of a name; an empty set where the name exists without any, nothing where it does
  /// not exist. Wildcards (`*.example.com`) answer names below them, and pod names
  /// (`10-244-1-5.ns.pod.cluster.local`) are computed.
  Optional<Set<String>> lookup(String name) {
    var direct = addresses.get(name);
    if (direct != null) {
      return Optional.of(direct);
    }
    var pod = podAddress(name);
    if (pod.isPresent()) {
      return pod.map(Set::of);
    }
    for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
      var wildcard = addresses.get("*" + name.substring(dot));
      if (wildcard != null) {
        return Optional.of(wildcard);
      }
    }
    boolean within =
        addresses.keySet().stream().anyMatch(k -> k.endsWith("." + name))
            || serviceNamesBelow(name);
    return within ? Optional.of(Set.of()) : Optional.empty();
  }

  private boolean serviceNamesBelow(String name) {
    return services.keySet().stream().anyMatch(k -> k.endsWith("." + name));
  }

  private static Optional<String> podAddress(String name) {
    var suffix = ".pod." + Topology.CLUSTER_DOMAIN;
    if (!name.endsWith(suffix)) {
      return Optional.empty();
    }
    var labels = name.substring(0, name.length() - suffix.length()).split("\\.");
    if (labels.length != 2) {
      return Optional.empty();
    }
    var four = labels[0].replace('-', '.');
    if (four.matches("(\\d{1,3}\\.){3}\\d{1,3}")) {
      return Optional.of(four);
    }
    var six = labels[0].replace('-', ':');
    return six.matches("[0-9a-f:]{2,39}") && six.contains("::")
        ? Optional.of(six)
        : Optional.empty();
  }
}
