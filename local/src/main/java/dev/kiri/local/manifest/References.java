package dev.kiri.local.manifest;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.mapsOf;
import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.image.ImageUse;
import dev.kiri.local.image.Images;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Checks what documents say about each other: accounts, addresses, images, classes, backends and
/// identities that must exist or fit. Pure.
final class References {
  private static final Set<String> CLASSES =
      Set.of("kiri-waypoint", "istio-waypoint", "istio-remote", "istio-east-west", "istio");
  private static final String ADDRESS = "local.kiri.dev/address";
  private static final String OUTSIDE = "local.kiri.dev/outside";
  private static final String NONE = "none is there";

  private final Map<ObjectKey, KubeObject> all = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Map<String, String> addresses = new HashMap<>();

  private References(List<Manifest> manifests, Collection<KubeObject> others) {
    others.forEach(o -> all.put(o.key(), o));
    manifests.forEach(m -> all.put(m.object().key(), m.object()));
  }

  /// @param manifests the documents to check
  /// @param named all documents that may be referred to, also those with errors of their own
  static List<Problem> check(
      List<Manifest> manifests, List<Manifest> named, Collection<KubeObject> others) {
    var references = new References(named, others);
    var seen = new HashMap<ObjectKey, Origin>();
    for (var manifest : manifests) {
      var object = manifest.object();
      var report =
          new Report(manifest.origin(), object.kind() + " " + object.name(), references.problems);
      var before = seen.put(object.key(), manifest.origin());
      if (before != null) {
        report.error(
            "metadata.name",
            "a second " + object.key() + ", the first is in " + before,
            "one document for each object");
      }
      references.check(object, report);
    }
    return references.problems;
  }

  private void check(KubeObject object, Report report) {
    switch (object.kind()) {
      case "Pod" -> pod(object, "", report, true);
      case "Deployment", "StatefulSet", "DaemonSet", "Job" -> workload(object, report);
      case "Service" -> service(object, report);
      case "Gateway" -> gateway(object, report);
      case "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute" -> route(object, report);
      case "AuthorizationPolicy" -> policy(object, report);
      default -> {}
    }
  }

  private void workload(KubeObject object, Report report) {
    var template =
        KubeObject.of(object.map("spec", "template"))
            .with(object.namespace(), "metadata", "namespace")
            .with(object.name(), "metadata", "name")
            .with("Pod", "kind");
    int replicas = object.number(1, "spec", "replicas");
    pod(template, "spec.template.", report, replicas <= 1);
    if (replicas > 1 && template.annotations().containsKey(ADDRESS)) {
      report.error(
          "spec.template.metadata.annotations[" + ADDRESS + "]",
          replicas + " pods with one address",
          "one replica, or no fixed address");
    }
    var selector = object.texts("spec", "selector", "matchLabels");
    if (!selector.isEmpty() && !template.labels().entrySet().containsAll(selector.entrySet())) {
      report.error(
          "spec.selector.matchLabels",
          selector.toString(),
          "labels that the pods of spec.template have: " + template.labels());
    }
  }

  private void pod(KubeObject pod, String prefix, Report report, boolean counted) {
    var containerNames = new HashSet<String>();
    for (var field : List.of("initContainers", "containers")) {
      var containers = pod.maps("spec", field);
      for (int i = 0; i < containers.size(); i++) {
        var at = prefix + "spec." + field + "[" + i + "]";
        container(pod, containers.get(i), at, report);
        var name = textIn(containers.get(i), "name");
        if (!containerNames.add(name)) {
          report.error(
              at + ".name", "a second \"" + name + '"', "a name of its own for each container");
        }
      }
    }
    node(pod, prefix, report);
    var outside = pod.annotations().getOrDefault(OUTSIDE, "true");
    if (!outside.equals("true") && !outside.equals("false")) {
      report.error(
          prefix + "metadata.annotations[" + OUTSIDE + "]", '"' + outside + '"', "true or false");
    }
    var account =
        pod.textOr(pod.textOr("default", "spec", "serviceAccount"), "spec", "serviceAccountName");
    if (!account.equals("default")
        && !all.containsKey(ObjectKey.of("ServiceAccount", pod.namespace(), account))) {
      report.unresolved(
          prefix + "spec.serviceAccountName",
          '"' + account + "\", which does not exist in namespace " + pod.namespace(),
          "an existing service account: " + names("ServiceAccount", pod.namespace(), "default"));
    }
    var address = pod.annotations().getOrDefault(ADDRESS, "");
    if (!address.isEmpty()) {
      var field = prefix + "metadata.annotations[" + ADDRESS + "]";
      if (!Addresses.isAddress(address)) {
        report.error(field, '"' + address + '"', "an IPv4 address");
      } else if (counted) {
        var other = addresses.putIfAbsent(address, pod.namespace() + "/" + pod.name());
        if (other != null) {
          report.error(
              field,
              address + ", which " + other + " has already",
              "an address of its own for each pod");
        }
      }
    }
  }

  /// Nothing is known of nodes where none is listed: then any name will do.
  private void node(KubeObject pod, String prefix, Report report) {
    var name = pod.text("spec", "nodeName");
    var nodes = names("Node", "");
    if (!name.isEmpty()
        && !nodes.equals(NONE)
        && !all.containsKey(ObjectKey.of("Node", "", name))) {
      report.unresolved(
          prefix + "spec.nodeName",
          '"' + name + "\", a node that does not exist",
          "one of " + nodes + "; more with up --nodes, or a Node of the manifests");
    }
  }

  private static void container(
      KubeObject pod, Map<String, Object> container, String at, Report report) {
    boolean hasCommand = !KubeObject.asList(in(container, "command")).isEmpty();
    if (Images.use(textIn(container, "image"), hasCommand) instanceof ImageUse.Unknown unknown) {
      report.error(
          at + ".image",
          '"'
              + unknown.image()
              + "\" in container \""
              + textIn(container, "name")
              + "\" of pod \""
              + pod.name()
              + "\", without a command",
          Images.names() + "; or add a command that exists on this machine: " + at + ".command");
    }
    var volumes = pod.maps("spec", "volumes").stream().map(v -> textIn(v, "name")).toList();
    var mounts = mapsOf(in(container, "volumeMounts"));
    for (int i = 0; i < mounts.size(); i++) {
      var name = textIn(mounts.get(i), "name");
      if (!volumes.contains(name)) {
        report.error(
            at + ".volumeMounts[" + i + "].name",
            '"' + name + '"',
            "one of the pod's volumes: " + volumes);
      }
    }
  }

  private void service(KubeObject service, Report report) {
    var type = service.text("spec", "type");
    if (type.equals("ExternalName")) {
      if (service.text("spec", "externalName").isEmpty()) {
        report.error("spec.externalName", "nothing", "the host name this service stands for");
      }
      return;
    }
    boolean headless = service.text("spec", "clusterIP").equals("None");
    var ports = service.maps("spec", "ports");
    if (ports.isEmpty() && !headless) {
      report.error("spec.ports", "no ports", "at least one port");
    }
    for (int i = 0; i < ports.size() && ports.size() > 1; i++) {
      if (textIn(ports.get(i), "name").isEmpty()) {
        report.error(
            "spec.ports[" + i + "].name", "nothing", "a name, since the service has several ports");
      }
    }
    var address = service.text("spec", "clusterIP");
    if (Addresses.isAddress(address)) {
      for (var other : all.values()) {
        if (other.kind().equals("Service")
            && !other.key().equals(service.key())
            && other.text("spec", "clusterIP").equals(address)) {
          report.error(
              "spec.clusterIP",
              address + ", which " + other.namespace() + "/" + other.name() + " has already",
              "a free address, or none to be given one");
        }
      }
    }
  }

  private void gateway(KubeObject gateway, Report report) {
    var name = gateway.text("spec", "gatewayClassName");
    boolean known =
        CLASSES.contains(name) || all.containsKey(ObjectKey.of("GatewayClass", "", name));
    if (!known) {
      report.unresolved(
          "spec.gatewayClassName",
          '"' + name + "\", a class nobody serves",
          "kiri-waypoint, istio-waypoint, or a GatewayClass of the manifests");
    }
  }

  private void route(KubeObject route, Report report) {
    var parents = route.maps("spec", "parentRefs");
    for (int i = 0; i < parents.size(); i++) {
      reference(route, parents.get(i), "Gateway", "spec.parentRefs[" + i + "]", report);
    }
    var rules = route.maps("spec", "rules");
    for (int i = 0; i < rules.size(); i++) {
      var backends = mapsOf(in(rules.get(i), "backendRefs"));
      for (int j = 0; j < backends.size(); j++) {
        reference(
            route,
            backends.get(j),
            "Service",
            "spec.rules[" + i + "].backendRefs[" + j + "]",
            report);
      }
    }
  }

  private void reference(
      KubeObject from, Map<String, Object> reference, String usualKind, String at, Report report) {
    var kind = textIn(reference, "kind").isEmpty() ? usualKind : textIn(reference, "kind");
    if (!List.of("Service", "Gateway").contains(kind)) {
      return;
    }
    var namespace =
        textIn(reference, "namespace").isEmpty()
            ? from.namespace()
            : textIn(reference, "namespace");
    var name = textIn(reference, "name");
    if (!all.containsKey(ObjectKey.of(kind, namespace, name))) {
      report.unresolved(
          at + ".name",
          '"' + name + "\", a " + kind + " that does not exist in namespace " + namespace,
          "an existing " + kind + ": " + names(kind, namespace));
    }
  }

  private void policy(KubeObject policy, Report report) {
    var rules = policy.maps("spec", "rules");
    for (int i = 0; i < rules.size(); i++) {
      var froms = mapsOf(in(rules.get(i), "from"));
      for (int j = 0; j < froms.size(); j++) {
        for (var field : List.of("principals", "notPrincipals")) {
          var principals = KubeObject.textsOf(in(froms.get(j), "source", field));
          for (int k = 0; k < principals.size(); k++) {
            if (!Principals.isAccepted(principals.get(k))) {
              report.error(
                  "spec.rules[" + i + "].from[" + j + "].source." + field + "[" + k + "]",
                  '"' + principals.get(k) + '"',
                  Principals.ACCEPTED);
            }
          }
        }
      }
    }
  }

  private String names(String kind, String namespace, String... more) {
    var out = new ArrayList<>(List.of(more));
    all.keySet().stream()
        .filter(
            k ->
                k.kind().equals(kind) && k.namespace().equals(namespace) && !out.contains(k.name()))
        .forEach(k -> out.add(k.name()));
    return out.isEmpty() ? NONE : String.join(", ", out);
  }
}
