package dev.kiri.it.endtoend;

import java.util.ArrayList;
import java.util.List;

/// Short ways to write the routes of the conformance suite, in YAML.
final class SuiteRoutes {
  private SuiteRoutes() {}

  static String route(String kind, String name, String parent, String... rules) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: %s
    metadata: {name: %s, namespace: gateway-conformance-mesh}
    spec: {parentRefs: [{group: "", kind: Service, name: %s}], rules: [%s]}
    """
        .formatted(kind, name, parent, String.join(", ", rules));
  }

  static String http(String... rules) {
    return route("HTTPRoute", "mesh-test", "echo, port: 80", rules);
  }

  static String grpc(String... rules) {
    return route("GRPCRoute", "mesh-test", "echo, port: 7070", rules);
  }

  /// @param matches in the short form of YAML; empty: none
  /// @param more `, filters: [...]` and the like
  static String rule(String matches, String more, String... backends) {
    List<String> refs = new ArrayList<>();
    for (String backend : backends) {
      refs.add("{name: " + backend + "}");
    }
    return "{matches: ["
        + matches
        + "]"
        + more
        + (refs.isEmpty() ? "" : ", backendRefs: [" + String.join(", ", refs) + "]")
        + "}";
  }

  static String prefix(String path) {
    return "{path: {type: PathPrefix, value: " + path + "}}";
  }

  static String filter(String type, String field, String value) {
    return ", filters: [{type: " + type + ", " + field + ": {" + value + "}}]";
  }

  static String redirect(String path, String how) {
    return rule(prefix(path), filter("RequestRedirect", "requestRedirect", how));
  }

  static String marked(String value) {
    return filter(
        "ResponseHeaderModifier",
        "responseHeaderModifier",
        "set: [{name: X-Header-Set, value: " + value + "}]");
  }
}
