package dev.kiri.local.mesh;

import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectStore;
import dev.kiri.local.workload.Pods;
import java.util.ArrayList;
import java.util.List;

/// What is still missing until a mesh does all that its manifests say. Thread-safe.
final class Readiness {
  private final ObjectStore store;
  private final PodFleet fleet;
  private final MeshLoop loop;

  Readiness(ObjectStore store, PodFleet fleet, MeshLoop loop) {
    this.store = store;
    this.fleet = fleet;
    this.loop = loop;
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
        out.add("pod " + pod.namespace() + "/" + pod.name() + " (not captured)");
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
    return out;
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
