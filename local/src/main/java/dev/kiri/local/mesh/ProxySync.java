package dev.kiri.local.mesh;

import static dev.kiri.local.store.KubeObject.asMap;
import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.api.Json;
import dev.kiri.local.store.KubeObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which proxies lack a part of the configuration that the control plane holds, read off its answer
/// to `/debug/syncz`. Pure.
final class ProxySync {
  private static final String GATEWAY = "gateway.networking.k8s.io/gateway-name";

  private ProxySync() {}

  /// True for a pod that takes its configuration from the control plane.
  static boolean isProxy(KubeObject pod) {
    return pod.labels().containsKey(GATEWAY)
        || (pod.namespace().equals("istio-system") && "ztunnel".equals(pod.labels().get("app")));
  }

  /// One entry for each proxy that is behind, with the reason.
  ///
  /// @param proxies the pods that must be connected
  /// @param answer a list of streams, each with the `node` it introduced itself as and its `types`
  static List<String> behind(List<KubeObject> proxies, String answer) {
    var streams = new HashMap<String, List<Map<String, Object>>>();
    for (var stream :
        KubeObject.mapsOf(Json.object("{\"streams\":" + answer + "}").get("streams"))) {
      streams.computeIfAbsent(podOf(textIn(stream, "node")), _ -> new ArrayList<>()).add(stream);
    }
    var out = new ArrayList<String>();
    for (var proxy : proxies) {
      var name = "proxy " + proxy.namespace() + "/" + proxy.name();
      var found = streams.get(proxy.name() + "." + proxy.namespace());
      if (found == null) {
        out.add(name + " (not connected to the control plane)");
      } else if (found.stream().noneMatch(s -> lacks(s).isEmpty())) {
        out.add(name + " (" + String.join(", ", lacks(found.getLast())) + ")");
      }
    }
    return out;
  }

  /// The third part of a node's name, `TYPE~ADDRESS~POD.NAMESPACE~DOMAIN`.
  private static String podOf(String node) {
    var parts = node.split("~", -1);
    return parts.length == 4 ? parts[2] : node;
  }

  /// What one stream has not acknowledged, by type. A proxy that has not asked for anything yet
  /// lacks all.
  private static List<String> lacks(Map<String, Object> stream) {
    var types = asMap(stream.get("types"));
    if (types.isEmpty()) {
      return List.of("has not asked for its configuration yet");
    }
    var out = new ArrayList<String>();
    types.forEach(
        (type, said) -> {
          var state = asMap(said);
          var rejected = textIn(state, "rejected");
          var name = type.substring(type.lastIndexOf('/') + 1);
          if (!rejected.isEmpty()) {
            out.add("refuses " + name + ": " + rejected);
          } else if (!Boolean.TRUE.equals(state.get("current"))) {
            out.add("has not acknowledged the newest " + name);
          }
        });
    return out;
  }
}
