package dev.kiri.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.api.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The fixture of the Gateway API's mesh conformance suite (kubernetes-sigs/gateway-api
/// conformance/mesh/manifests.yaml) as a mesh on this machine: namespaces, echo-v1 and echo-v2 with
/// a service each and one for both, a waypoint, and a client in another namespace.
final class SuiteMesh {
  static final String NAMESPACE = "gateway-conformance-mesh";
  static final String CONSUMER = "gateway-conformance-mesh-consumer";

  private static final String NAMESPACES =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: gateway-conformance-mesh, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: gateway-conformance-mesh-consumer, labels: {istio.io/dataplane-mode: ambient}}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: waypoint, namespace: gateway-conformance-mesh}
      spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: client, namespace: gateway-conformance-mesh}
      spec: {nodeName: node-1, containers: [{name: main, image: kiri.dev/shell}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: client, namespace: gateway-conformance-mesh-consumer}
      spec: {nodeName: node-1, containers: [{name: main, image: kiri.dev/shell}]}
      """;

  private static final String POD =
      """
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: echo-%1$s, namespace: gateway-conformance-mesh, labels: {app: echo, version: %1$s}}
      spec: {nodeName: node-2, containers: [{name: echo, image: kiri.dev/echo, ports: [{containerPort: 8080}, {containerPort: 9090}, {containerPort: 7070}]}]}
      """;

  private static final String SERVICE =
      """
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: %s, namespace: gateway-conformance-mesh}
      spec:
        selector: {%s}
        ports:
          - {name: http, port: 80, targetPort: 8080, appProtocol: http}
          - {name: http-alt, port: 8080, targetPort: 8080, appProtocol: http}
          - {name: h2c, port: 8081, targetPort: 8080, appProtocol: kubernetes.io/h2c}
          - {name: tcp, port: 9090}
          - {name: grpc, port: 7070%s}
      """;

  private final Kiri kiri = new Kiri(Map.of());
  private final String mesh;
  private final Path folder;

  /// What one request was answered.
  ///
  /// @param head status line and fields
  /// @param seen what the endpoint saw; empty where none answered
  record Answer(int status, String head, String body, Map<String, Object> seen) {
    /// Who answered: `v1` or `v2`.
    String version() {
      return String.valueOf(seen.get("version"));
    }

    /// A field of the answer, the last of its name; empty without one.
    String field(String name) {
      String found = "";
      for (String line : head.split("\r\n")) {
        if (line.toLowerCase(Locale.ROOT).startsWith(name + ": ")) {
          found = line.substring(name.length() + 2);
        }
      }
      return found;
    }

    /// A field as the endpoint saw it, lines joined; empty without one.
    String sent(String name) {
      Object headers = seen.get("headers");
      Object values = headers instanceof Map<?, ?> map ? map.get(name) : null;
      return values instanceof List<?> list
          ? String.join(",", list.stream().map(String::valueOf).toList())
          : "";
    }
  }

  SuiteMesh(String mesh, Path folder) {
    this.mesh = mesh;
    this.folder = folder;
  }

  void up() throws Exception {
    String h2c = ", appProtocol: kubernetes.io/h2c";
    Files.writeString(
        folder.resolve("fixture.yaml"),
        NAMESPACES
            + POD.formatted("v1")
            + POD.formatted("v2")
            + SERVICE.formatted("echo-v1", "app: echo, version: v1", "")
            + SERVICE.formatted("echo-v2", "app: echo, version: v2", "")
            + SERVICE.formatted("echo", "app: echo", h2c));
    assertThat(kiri.run("up", "--name", mesh, "--detach", "-f", folder.toString()).code()).isZero();
  }

  void down() throws Exception {
    kiri.run("down", "--name", mesh);
  }

  /// Applies manifests and waits until every proxy has them.
  void apply(String name, String manifests) throws Exception {
    Path file = folder.resolveSibling(name + ".yaml");
    Files.writeString(file, manifests);
    assertThat(kiri.run("apply", "--name", mesh, "-f", file.toString()).code()).isZero();
    assertThat(kiri.run("wait", "--name", mesh).code()).isZero();
  }

  void delete(String name) throws Exception {
    Path file = folder.resolveSibling(name + ".yaml");
    assertThat(kiri.run("delete", "--name", mesh, "-f", file.toString()).code()).isZero();
    assertThat(kiri.run("wait", "--name", mesh).code()).isZero();
  }

  /// The status of objects as YAML.
  String get(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of("get", "--name", mesh));
    line.addAll(List.of(arguments));
    return kiri.run(line.toArray(String[]::new)).text();
  }

  /// What a shell in the client of a namespace prints.
  String shell(String namespace, String script) throws Exception {
    return kiri.run("exec", "--name", mesh, namespace + "/client", "--", "sh", "-c", script).text();
  }

  /// One request for each text of curl's arguments.
  List<Answer> ask(String namespace, List<String> requests) throws Exception {
    StringBuilder script = new StringBuilder();
    for (String request : requests) {
      script.append("curl -s -i -m 10 -H 'Connection: close' ").append(request);
      script.append("; printf '@@@@\\n';");
    }
    List<Answer> answers = new ArrayList<>();
    for (String text : shell(namespace, script.toString()).split("@@@@\n")) {
      answers.add(answer(text));
    }
    assertThat(answers).hasSize(requests.size());
    return answers;
  }

  private static Answer answer(String text) {
    int blank = text.indexOf("\r\n\r\n");
    if (blank < 0) {
      return new Answer(0, text, "", Map.of());
    }
    String head = text.substring(0, blank);
    String body = text.substring(blank + 4);
    Map<String, Object> seen = body.startsWith("{") ? Json.object(body) : Map.of();
    return new Answer(Integer.parseInt(head.split(" ")[1]), head, body, seen);
  }
}
