package dev.kiri.local.mesh;

import static dev.kiri.local.store.KubeObject.numberIn;
import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.network.InsideSockets;
import dev.kiri.local.pod.PodLife;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectStore;
import dev.kiri.local.workload.Pods;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What is still missing until a mesh does all that its manifests say. Thread-safe. Blocks while
/// the control plane is asked.
final class Readiness {
  /// Of the control plane, see system.yaml.
  private static final int DEBUG_PORT = 8080;

  private final ObjectStore store;
  private final PodFleet fleet;
  private final MeshLoop loop;
  private final InsideSockets sockets;

  Readiness(ObjectStore store, PodFleet fleet, MeshLoop loop, InsideSockets sockets) {
    this.store = store;
    this.fleet = fleet;
    this.loop = loop;
    this.sockets = sockets;
  }

  /// One entry for each thing that is not ready, with the reason; empty when all is well.
  List<String> missing() {
    var out = new ArrayList<String>();
    for (var pod : store.list("Pod")) {
      if (Pods.isOfJob(pod) && Pods.isFinished(pod)) {
        continue; // its job tries again, and is missing below when it gave up
      }
      if (Pods.isTerminating(pod)) {
        out.add("pod " + pod.namespace() + "/" + pod.name() + " is ending");
      } else if (!Pods.isReady(pod) && !pod.text("status", "phase").equals("Succeeded")) {
        out.add("pod " + pod.namespace() + "/" + pod.name() + reason(pod));
      } else if (fleet.awaitsCapture(pod)) {
        out.add(
            "pod "
                + pod.namespace()
                + "/"
                + pod.name()
                + " ("
                + PodFleet.captureProblem(pod)
                + ")");
      }
    }
    for (var kind : List.of("Deployment", "StatefulSet")) {
      for (var workload : store.list(kind)) {
        int wanted = workload.number(1, "spec", "replicas");
        if (workload.number(0, "status", "readyReplicas") < wanted) {
          out.add(kind + " " + workload.namespace() + "/" + workload.name());
        }
      }
    }
    store.list("Job").stream()
        .filter(Readiness::hasFailed)
        .forEach(j -> out.add("Job " + j.namespace() + "/" + j.name() + " (failed)"));
    if (fleet.captures()) {
      store.list("Gateway").stream()
          .filter(Readiness::isOurs)
          .filter(g -> !isProgrammed(g))
          .forEach(g -> out.add("Gateway " + g.namespace() + "/" + g.name()));
    }
    if (out.isEmpty() && !loop.isIdle()) {
      out.add("changes being carried out");
    }
    if (out.isEmpty()) {
      out.addAll(behind());
    }
    return out;
  }

  private List<String> behind() {
    var pods = store.list("Pod");
    var proxies = pods.stream().filter(ProxySync::isProxy).toList();
    if (proxies.isEmpty()) {
      return List.of();
    }
    return pods.stream()
        .filter(p -> p.namespace().equals("istio-system"))
        .filter(p -> "istiod".equals(p.labels().get("app")))
        .flatMap(p -> fleet.life(p.namespace(), p.name()).stream())
        .findFirst()
        .map(controlPlane -> behind(proxies, controlPlane))
        .orElse(List.of("the control plane is not there"));
  }

  private List<String> behind(List<KubeObject> proxies, PodLife controlPlane) {
    try {
      var answer =
          new InsideHttp(sockets, controlPlane.network())
              .request("127.0.0.1", DEBUG_PORT, "GET", "/debug/syncz");
      return numberIn(answer, 0, "status") == 200
          ? ProxySync.behind(proxies, textIn(answer, "body"))
          : List.of("the control plane answers " + numberIn(answer, 0, "status"));
    } catch (IOException e) {
      return List.of("the control plane does not answer: " + e.getMessage());
    }
  }

  private static boolean isOurs(KubeObject gateway) {
    return List.of("kiri-waypoint", "istio-waypoint")
        .contains(gateway.text("spec", "gatewayClassName"));
  }

  private static boolean isProgrammed(KubeObject gateway) {
    return holds(gateway, "Programmed");
  }

  private static boolean hasFailed(KubeObject job) {
    return holds(job, "Failed");
  }

  private static boolean holds(KubeObject object, String condition) {
    return object.maps("status", "conditions").stream()
        .anyMatch(c -> textIn(c, "type").equals(condition) && textIn(c, "status").equals("True"));
  }

  private static String reason(KubeObject pod) {
    for (var container : pod.maps("status", "containerStatuses")) {
      var waiting = textIn(container, "state", "waiting", "reason");
      if (!waiting.isEmpty()) {
        var message = textIn(container, "state", "waiting", "message");
        var problem = pod.text("status", "message");
        return " ("
            + (problem.isEmpty() ? waiting + (message.isEmpty() ? "" : ": " + message) : problem)
            + ")";
      }
    }
    return " (" + pod.textOr("Pending", "status", "phase") + ")";
  }
}
