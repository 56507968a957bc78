package dev.kiri.local.service;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;
import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.store.KubeObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// What stands behind one address and port of a Service. Pure.
///
/// @param sameClient send a client address to the same backend each time (`ClientIP` affinity)
public record Backends(
    String service,
    List<String> addresses,
    String protocol,
    int port,
    int nodePort,
    List<Backend> ready,
    boolean nodeLocalOnly,
    boolean sameClient) {

  /// One ready pod port.
  public record Backend(String address, int port, String node) {}

  /// Everything that nodes translate, for both address families.
  public static List<Backends> of(Collection<KubeObject> services, Collection<KubeObject> slices) {
    var out = new ArrayList<Backends>();
    for (var service : services) {
      var vips = new ArrayList<>(textsOf(service.at("spec", "clusterIPs")));
      vips.addAll(textsOf(service.at("spec", "externalIPs")));
      service.maps("status", "loadBalancer", "ingress").forEach(i -> vips.add(textIn(i, "ip")));
      vips.removeIf(a -> a.isEmpty() || a.equals("None"));
      if (vips.isEmpty()) {
        continue;
      }
      var mine =
          slices.stream()
              .filter(s -> s.namespace().equals(service.namespace()))
              .filter(s -> service.name().equals(s.labels().get(EndpointPlanner.SERVICE_LABEL)))
              .toList();
      for (var six : List.of(false, true)) {
        var addresses = vips.stream().filter(a -> a.contains(":") == six).toList();
        if (!addresses.isEmpty()) {
          service.maps("spec", "ports").forEach(p -> out.add(of(service, p, addresses, mine, six)));
        }
      }
    }
    return out;
  }

  private static Backends of(
      KubeObject service,
      Map<String, Object> port,
      List<String> addresses,
      List<KubeObject> slices,
      boolean six) {
    var ready = new ArrayList<Backend>();
    for (var slice : slices) {
      if (slice.text("addressType").equals("IPv6") != six) {
        continue;
      }
      var number =
          slice.maps("ports").stream()
              .filter(p -> textIn(p, "name").equals(textIn(port, "name")))
              .map(p -> numberIn(p, 0, "port"))
              .findFirst();
      if (number.isEmpty()) {
        continue;
      }
      for (var endpoint : slice.maps("endpoints")) {
        if (!Boolean.FALSE.equals(in(endpoint, "conditions", "ready"))) {
          textsOf(in(endpoint, "addresses"))
              .forEach(a -> ready.add(new Backend(a, number.get(), textIn(endpoint, "nodeName"))));
        }
      }
    }
    var protocol =
        textIn(port, "protocol").isEmpty()
            ? "tcp"
            : textIn(port, "protocol").toLowerCase(java.util.Locale.ROOT);
    return new Backends(
        service.namespace() + "/" + service.name(),
        addresses,
        protocol,
        numberIn(port, 0, "port"),
        numberIn(port, 0, "nodePort"),
        List.copyOf(ready),
        service.text("spec", "internalTrafficPolicy").equals("Local"),
        service.text("spec", "sessionAffinity").equals("ClientIP"));
  }

  /// The backends that count for clients on a node.
  List<Backend> on(String node) {
    return nodeLocalOnly ? ready.stream().filter(b -> b.node().equals(node)).toList() : ready;
  }
}
