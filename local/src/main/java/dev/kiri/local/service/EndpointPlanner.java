package dev.kiri.local.service;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.mapsOf;
import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;
import static dev.kiri.local.store.KubeObject.textsOf;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.workload.Pods;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes the EndpointSlices of Services with a selector, as the cluster's controller does: one
/// slice for each address family and each way in which the named ports resolve. Pure.
public final class EndpointPlanner {
  static final String SERVICE_LABEL = "kubernetes.io/service-name";
  private static final String MANAGED_LABEL = "endpointslice.kubernetes.io/managed-by";
  private static final String MANAGER = "endpointslice-controller.k8s.io";

  private EndpointPlanner() {}

  /// Whether a slice was made by this planner, so that it may be replaced or removed.
  public static boolean isOurs(KubeObject slice) {
    return MANAGER.equals(slice.labels().get(MANAGED_LABEL));
  }

  /// @param nodes name to labels, for zones
  public static List<KubeObject> slices(
      KubeObject service, Collection<KubeObject> pods, Map<String, Map<String, String>> nodes) {
    var selector = service.texts("spec", "selector");
    if (selector.isEmpty() || service.text("spec", "type").equals("ExternalName")) {
      return List.of();
    }
    var out = new ArrayList<KubeObject>();
    for (var family : textsOf(service.at("spec", "ipFamilies"))) {
      var groups = new LinkedHashMap<List<Map<String, Object>>, List<Map<String, Object>>>();
      for (var pod : pods) {
        if (pod.namespace().equals(service.namespace())
            && Pods.matches(selector, pod.labels())
            && !Pods.isFinished(pod)) {
          address(pod, family)
              .ifPresent(
                  a ->
                      groups
                          .computeIfAbsent(ports(service, pod), _ -> new ArrayList<>())
                          .add(endpoint(service, pod, a, nodes)));
        }
      }
      int number = 0;
      for (var group : groups.entrySet()) {
        out.add(slice(service, family, number++, group.getKey(), group.getValue()));
      }
    }
    return out;
  }

  private static Optional<String> address(KubeObject pod, String family) {
    boolean six = family.equals("IPv6");
    return pod.maps("status", "podIPs").stream()
        .map(m -> textIn(m, "ip"))
        .filter(a -> !a.isEmpty() && a.contains(":") == six)
        .findFirst();
  }

  private static List<Map<String, Object>> ports(KubeObject service, KubeObject pod) {
    var out = new ArrayList<Map<String, Object>>();
    for (var port : service.maps("spec", "ports")) {
      targetPort(port, pod)
          .ifPresent(
              number -> {
                var made = new LinkedHashMap<String, Object>();
                made.put("name", textIn(port, "name"));
                made.put("port", number);
                made.put("protocol", textIn(port, "protocol"));
                if (port.containsKey("appProtocol")) {
                  made.put("appProtocol", textIn(port, "appProtocol"));
                }
                out.add(made);
              });
    }
    return out;
  }

  /// The pod's port behind a service port; empty where the pod has no port of that name.
  static Optional<Integer> targetPort(Map<String, Object> port, KubeObject pod) {
    var target = in(port, "targetPort");
    if (target instanceof Integer number && number != 0) {
      return Optional.of(number);
    }
    if (target instanceof String name) {
      var containers = new ArrayList<>(pod.maps("spec", "containers"));
      pod.maps("spec", "initContainers").stream()
          .filter(c -> textIn(c, "restartPolicy").equals("Always"))
          .forEach(containers::add);
      return containers.stream()
          .flatMap(c -> mapsOf(in(c, "ports")).stream())
          .filter(p -> textIn(p, "name").equals(name))
          .map(p -> numberIn(p, 0, "containerPort"))
          .findFirst();
    }
    return Optional.of(numberIn(port, 0, "port"));
  }

  private static Map<String, Object> endpoint(
      KubeObject service, KubeObject pod, String address, Map<String, Map<String, String>> nodes) {
    boolean terminating = Pods.isTerminating(pod);
    boolean serving = Pods.isReady(pod) || service.flag(false, "spec", "publishNotReadyAddresses");
    var out = new LinkedHashMap<String, Object>();
    out.put("addresses", List.of(address));
    out.put(
        "conditions",
        Map.of("ready", serving && !terminating, "serving", serving, "terminating", terminating));
    var node = pod.text("spec", "nodeName");
    out.put("nodeName", node);
    var zone = nodes.getOrDefault(node, Map.of()).get("topology.kubernetes.io/zone");
    if (zone != null) {
      out.put("zone", zone);
    }
    var subdomain = pod.text("spec", "subdomain");
    if (!subdomain.isEmpty()
        && subdomain.equals(service.name())
        && !pod.text("spec", "hostname").isEmpty()) {
      out.put("hostname", pod.text("spec", "hostname"));
    }
    out.put(
        "targetRef",
        Map.of("kind", "Pod", "name", pod.name(), "namespace", pod.namespace(), "uid", pod.uid()));
    return out;
  }

  private static KubeObject slice(
      KubeObject service,
      String family,
      int number,
      List<Map<String, Object>> ports,
      List<Map<String, Object>> endpoints) {
    var name =
        service.name()
            + "-"
            + (family.equals("IPv6") ? "v6" : "v4")
            + (number == 0 ? "" : "-" + number);
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("name", name);
    metadata.put("generateName", service.name() + "-");
    metadata.put("namespace", service.namespace());
    metadata.put("labels", Map.of(SERVICE_LABEL, service.name(), MANAGED_LABEL, MANAGER));
    metadata.put(
        "ownerReferences",
        List.of(
            Map.of(
                "apiVersion",
                "v1",
                "kind",
                "Service",
                "name",
                service.name(),
                "uid",
                service.uid(),
                "controller",
                true,
                "blockOwnerDeletion",
                true)));
    var out = new LinkedHashMap<String, Object>();
    out.put("apiVersion", "discovery.k8s.io/v1");
    out.put("kind", "EndpointSlice");
    out.put("metadata", metadata);
    out.put("addressType", family);
    out.put("endpoints", endpoints);
    out.put("ports", ports);
    return KubeObject.of(out);
  }
}
