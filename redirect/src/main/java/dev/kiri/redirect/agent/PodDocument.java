package dev.kiri.redirect.agent;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads pods and namespaces out of their objects. Pure.
final class PodDocument {
  private PodDocument() {}

  /// The pod, with what the overlay says of its annotations and status laid over it (as in RFC
  /// 7386). An overlay of another uid was written for a pod of the same name before.
  ///
  /// @throws IllegalArgumentException when it has an address that is none
  static Pod pod(JsonNode object, @Nullable JsonNode overlay) {
    var metadata = object.path("metadata");
    var uid = metadata.path("uid").asString("");
    var spec = object.path("spec");
    var annotations = metadata.path("annotations");
    var status = object.path("status");
    if (overlay != null && belongs(overlay, uid)) {
      annotations = merged(annotations, overlay.path("metadata").path("annotations"));
      status = merged(status, overlay.path("status"));
    }
    var said = strings(annotations);
    said.remove(MeshLabels.REDIRECTION_MESSAGE); // our own word is no change of the pod
    return new Pod(
        uid,
        namespaceOf(object),
        metadata.path("name").asString(""),
        spec.path("serviceAccountName").asString("default"),
        strings(metadata.path("labels")),
        said,
        spec.path("hostNetwork").asBoolean(false),
        status.path("phase").asString(""),
        addresses(status));
  }

  static String namespaceOf(JsonNode object) {
    var namespace = object.path("metadata").path("namespace").asString("");
    return namespace.isEmpty() ? "default" : namespace;
  }

  static Map<String, String> labels(JsonNode object) {
    return strings(object.path("metadata").path("labels"));
  }

  private static boolean belongs(JsonNode overlay, String uid) {
    var meant = overlay.path("metadata").path("uid").asString("");
    return meant.isEmpty() || meant.equals(uid);
  }

  private static JsonNode merged(JsonNode base, JsonNode patch) {
    if (!(patch instanceof ObjectNode changes)) {
      return patch.isMissingNode() ? base : patch;
    }
    var result = base instanceof ObjectNode object ? object.deepCopy() : changes.objectNode();
    for (var change : changes.properties()) {
      if (change.getValue().isNull()) {
        result.remove(change.getKey());
      } else {
        result.set(change.getKey(), merged(result.path(change.getKey()), change.getValue()));
      }
    }
    return result;
  }

  private static Map<String, String> strings(JsonNode object) {
    var strings = new HashMap<String, String>();
    object
        .properties()
        .forEach(entry -> strings.put(entry.getKey(), entry.getValue().asString("")));
    return strings;
  }

  private static List<InetAddress> addresses(JsonNode status) {
    Set<InetAddress> addresses = new LinkedHashSet<>();
    for (var entry : status.path("podIPs")) {
      addresses.add(InetAddress.ofLiteral(entry.path("ip").asString("")));
    }
    var single = status.path("podIP").asString("");
    if (addresses.isEmpty() && !single.isEmpty()) {
      addresses.add(InetAddress.ofLiteral(single));
    }
    return List.copyOf(addresses);
  }
}
