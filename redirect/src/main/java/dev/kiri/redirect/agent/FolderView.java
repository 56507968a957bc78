package dev.kiri.redirect.agent;

import dev.kiri.redirect.agent.YamlTree.ObjectName;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Makes the view of a node out of objects and their overlays. Pure but for the complaints.
final class FolderView {
  private static final String NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

  private FolderView() {}

  static NodeView of(
      Map<ObjectName, JsonNode> objects,
      Map<ObjectName, JsonNode> overlays,
      String node,
      Consumer<String> complaints) {
    var pods = new HashMap<String, Pod>();
    var namespaces = new HashMap<String, Map<String, String>>();
    objects.forEach(
        (name, object) -> {
          switch (name.kind()) {
            case "Namespace" -> namespaces.put(name.name(), namespaceLabels(name.name(), object));
            case "Pod" -> {
              if (object.path("spec").path("nodeName").asString("").equals(node)) {
                pod(name, object, overlays, pods, complaints);
              }
            }
            default -> {}
          }
        });
    return new NodeView(pods, namespaces);
  }

  private static void pod(
      ObjectName name,
      JsonNode object,
      Map<ObjectName, JsonNode> overlays,
      Map<String, Pod> pods,
      Consumer<String> complaints) {
    var namespace = PodDocument.namespaceOf(object);
    try {
      var overlay = overlays.get(new ObjectName("Pod", namespace, name.name()));
      var pod = PodDocument.pod(object, overlay);
      if (pod.uid().isEmpty()) {
        complaints.accept("pod " + pod + " has no metadata.uid and cannot be enrolled");
      } else if (pods.putIfAbsent(pod.uid(), pod) != null) {
        complaints.accept("pod " + pod + " has the uid of another pod and is left out");
      }
    } catch (IllegalArgumentException malformed) {
      complaints.accept(
          "pod %s/%s: status.podIPs: %s".formatted(namespace, name.name(), malformed.getMessage()));
    }
  }

  private static Map<String, String> namespaceLabels(String name, JsonNode object) {
    var labels = new HashMap<>(PodDocument.labels(object));
    labels.putIfAbsent(NAMESPACE_NAME_LABEL, name);
    return labels;
  }
}
