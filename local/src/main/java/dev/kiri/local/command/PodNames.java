package dev.kiri.local.command;

import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import dev.kiri.local.workload.Pods;
import java.util.List;

/// Finds the pod that a user means: `NS/POD`, `NS/deploy/NAME`, `ztunnel/NODE`, `redirect/NODE`,
/// `controlplane`.
final class PodNames {
  private PodNames() {}

  static KubeObject find(LocalMesh mesh, String typed) {
    var words = typed.split("/");
    if (typed.equals("controlplane")) {
      return first(mesh, "istio-system", "istiod", typed);
    }
    if (words.length == 2 && (words[0].equals("ztunnel") || words[0].equals("redirect"))) {
      var set = words[0].equals("ztunnel") ? "ztunnel" : "istio-cni-node";
      var pods = mesh.objects("Pod", "istio-system");
      return pods.stream()
          .filter(
              p -> p.name().startsWith(set + "-") && p.text("spec", "nodeName").equals(words[1]))
          .findFirst()
          .orElseThrow(() -> new MeshException("there is no " + words[0] + " on node " + words[1]));
    }
    if (words.length == 3) {
      var kind = ObjectNames.kind(words[1]).name();
      if (!kind.equals("Pod")) {
        return first(mesh, words[0], words[2], typed);
      }
    }
    var namespace = words.length == 1 ? "default" : words[0];
    var key = ObjectKey.of("Pod", namespace, words[words.length - 1]);
    var exact = mesh.object(key);
    // A workload's name alone is what people type first.
    return exact.orElseGet(() -> first(mesh, namespace, words[words.length - 1], typed));
  }

  /// The first ready pod of a workload, or its first pod.
  private static KubeObject first(LocalMesh mesh, String namespace, String workload, String typed) {
    List<KubeObject> pods =
        mesh.objects("Pod", namespace).stream()
            .filter(p -> belongsTo(p, workload) && !Pods.isTerminating(p))
            .toList();
    return pods.stream()
        .filter(Pods::isReady)
        .findFirst()
        .or(() -> pods.stream().findFirst())
        .orElseThrow(() -> new MeshException("there is no pod " + typed));
  }

  private static boolean belongsTo(KubeObject pod, String workload) {
    return pod.annotations().getOrDefault("local.kiri.dev/workload", "").endsWith("/" + workload);
  }
}
