package dev.kiri.bench.controlplane;

import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.source.Acceptance;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.SourceListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The objects of a large cluster, as trees that are decoded like those of an API server, before
/// the objects of another source. Pods are spread over services, nodes and namespaces; each is
/// selected by one service.
final class GeneratedSource implements ObjectSource {
  static final int NODES = 1000;
  static final int NAMESPACES = 100;

  private final int pods;
  private final int services;
  private final ObjectSource next;

  GeneratedSource(int pods, int services, ObjectSource next) {
    this.pods = pods;
    this.services = services;
    this.next = next;
  }

  @Override
  public void start(SourceListener listener) {
    List<ObjectChange> generated = generate();
    next.start(
        new SourceListener() {
          private boolean first = true;

          @Override
          public void changed(List<ObjectChange> changes) {
            if (first) {
              generated.addAll(changes);
              first = false;
              listener.changed(List.copyOf(generated));
              generated.clear();
            } else {
              listener.changed(changes);
            }
          }

          @Override
          public void problems(List<Problem> problems) {
            listener.problems(problems);
          }
        });
  }

  private List<ObjectChange> generate() {
    Acceptance acceptance = new Acceptance();
    List<ObjectChange> all = new ArrayList<>(pods + services + NODES + NAMESPACES);
    for (int i = 0; i < NAMESPACES; i++) {
      all.add(decode(acceptance, namespace(i)));
    }
    for (int i = 0; i < NODES; i++) {
      all.add(decode(acceptance, node(i)));
    }
    for (int i = 0; i < services; i++) {
      all.add(decode(acceptance, service(i)));
    }
    for (int i = 0; i < pods; i++) {
      all.add(decode(acceptance, pod(i, i % services)));
    }
    return all;
  }

  private static ObjectChange decode(Acceptance acceptance, Map<String, Object> tree) {
    var key = Objects.requireNonNull(dev.kiri.controlplane.kinds.Decoder.keyOf(tree));
    var verdict = acceptance.take(key, tree, new Origin(key.toString(), 1));
    return verdict
        .change()
        .orElseThrow(() -> new IllegalStateException(verdict.problems().toString()));
  }

  private static Map<String, Object> namespace(int i) {
    return Map.of("apiVersion", "v1", "kind", "Namespace", "metadata", Map.of("name", "ns-" + i));
  }

  private static Map<String, Object> node(int i) {
    return Map.of(
        "apiVersion",
        "v1",
        "kind",
        "Node",
        "metadata",
        Map.of(
            "name",
            "node-" + i,
            "labels",
            Map.of(
                "topology.kubernetes.io/region",
                "region",
                "topology.kubernetes.io/zone",
                "zone-" + i % 3)));
  }

  private static Map<String, Object> service(int i) {
    return Map.of(
        "apiVersion",
        "v1",
        "kind",
        "Service",
        "metadata",
        Map.of("name", "svc-" + i, "namespace", "ns-" + i % NAMESPACES),
        "spec",
        Map.of(
            "clusterIP",
            address(11, i),
            "selector",
            Map.of("app", "app-" + i),
            "ports",
            List.of(Map.of("name", "http", "port", 80, "targetPort", 8080))));
  }

  private static Map<String, Object> pod(int i, int service) {
    String app = "app-" + service;
    return Map.of(
        "apiVersion",
        "v1",
        "kind",
        "Pod",
        "metadata",
        Map.of(
            "name", app + "-5d4f7c9b6-" + i,
            "namespace", "ns-" + service % NAMESPACES,
            "uid", "1b671a64-40d5-491e-99b0-" + i,
            "generateName", app + "-5d4f7c9b6-",
            "labels", Map.of("app", app, "pod-template-hash", "5d4f7c9b6"),
            "annotations", Map.of("ambient.istio.io/redirection", "enabled"),
            "ownerReferences",
                List.of(
                    Map.of(
                        "kind",
                        "ReplicaSet",
                        "name",
                        app + "-5d4f7c9b6",
                        "uid",
                        "2b671a64-40d5-491e-99b0-" + service,
                        "controller",
                        true))),
        "spec",
        Map.of(
            "nodeName",
            "node-" + i % NODES,
            "containers",
            List.of(
                Map.of(
                    "name",
                    "app",
                    "image",
                    "example/app",
                    "ports",
                    List.of(Map.of("containerPort", 8080))))),
        "status",
        Map.of(
            "phase", "Running",
            "podIP", address(10, i),
            "conditions", List.of(Map.of("type", "Ready", "status", "True"))));
  }

  private static String address(int network, int i) {
    return network + "." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255);
  }

  @Override
  public void catchUp() {
    next.catchUp();
  }

  @Override
  public void close() {
    next.close();
  }
}
