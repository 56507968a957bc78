package dev.kiri.controlplane;

/// Documents for tests.
final class Manifests {
  private Manifests() {}

  static String namespace(String name, String labels) {
    return "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}"
        .formatted(name, labels);
  }

  static String node(String name) {
    return "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {topology.kubernetes.io/region: r1, topology.kubernetes.io/zone: z1}}}"
        .formatted(name);
  }

  static String account(String namespace, String name) {
    return "{apiVersion: v1, kind: ServiceAccount, metadata: {name: %s, namespace: %s}}"
        .formatted(name, namespace);
  }

  static String pod(
      String namespace, String name, String account, String node, String ip, String labels) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, namespace: %s, uid: uid-%s, labels: {%s}}
    spec: {nodeName: %s, serviceAccountName: %s, containers: [{name: c, image: kiri.dev/echo, ports: [{name: web, containerPort: 8080}]}]}
    status: {phase: Running, podIP: %s, conditions: [{type: Ready, status: "True"}]}
    """
        .formatted(name, namespace, name, labels, node, account, ip);
  }

  static String service(String namespace, String name, String ip, String selector) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: %s}
    spec: {clusterIP: %s, selector: {%s}, ports: [{name: http, port: 80, targetPort: web}]}
    """
        .formatted(name, namespace, ip, selector);
  }

  static String gateway(String namespace, String name) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: %s, namespace: %s, uid: gateway-uid, generation: 1}
    spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
    """
        .formatted(name, namespace);
  }

  static String route(String namespace, String name, String service, String rules) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %s, namespace: %s, generation: 3, creationTimestamp: "2026-01-01T00:00:00Z"}
    spec:
      parentRefs: [{group: "", kind: Service, name: %s}]
      rules: %s
    """
        .formatted(name, namespace, service, rules);
  }

  static String policy(String namespace, String name, String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: %s, generation: 1}
    spec: %s
    """
        .formatted(name, namespace, spec);
  }

  static String peer(String namespace, String name, String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: %s, namespace: %s}
    spec: %s
    """
        .formatted(name, namespace, spec);
  }

  /// Several documents as one file.
  static String all(String... documents) {
    return String.join("\n---\n", documents);
  }
}
