package dev.kiri.it.endtoend;

import static dev.kiri.it.endtoend.SuiteRoutes.filter;
import static dev.kiri.it.endtoend.SuiteRoutes.grpc;
import static dev.kiri.it.endtoend.SuiteRoutes.http;
import static dev.kiri.it.endtoend.SuiteRoutes.marked;
import static dev.kiri.it.endtoend.SuiteRoutes.prefix;
import static dev.kiri.it.endtoend.SuiteRoutes.redirect;
import static dev.kiri.it.endtoend.SuiteRoutes.route;
import static dev.kiri.it.endtoend.SuiteRoutes.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kiri.it.endtoend.SuiteMesh.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The mesh tests of the Gateway API's conformance suite (kubernetes-sigs/gateway-api
/// conformance/tests/mesh), each with its routes and requests, restated for a mesh on this machine.
/// What the suite leaves out (`Location`, the path that the backend sees) is compared as well.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MeshConformanceTest {
  private static final String ANY = "";

  private SuiteMesh mesh = new SuiteMesh("", Path.of(""));

  @BeforeAll
  void starts(@TempDir Path folder) throws Exception {
    Kiri.assumeThatMeshesCanRun();
    mesh =
        new SuiteMesh(
            "it-suite-" + ProcessHandle.current().pid(),
            Files.createDirectory(folder.resolve("fixture")));
    mesh.up();
  }

  @AfterAll
  void takesDown() throws Exception {
    if (!Kiri.launcher().isEmpty()) {
      mesh.down();
    }
  }

  /// Routes of one test must not be there in the next.
  @AfterEach
  void removesRoutes() throws Exception {
    for (String name : applied) {
      mesh.delete(name);
    }
    applied.clear();
  }

  private final List<String> applied = new ArrayList<>();

  private void apply(String... manifests) throws Exception {
    String name = "routes-" + applied.size();
    applied.add(name);
    mesh.apply(name, String.join("\n---\n", manifests));
  }

  private List<Answer> ask(String... requests) throws Exception {
    return mesh.ask(SuiteMesh.NAMESPACE, List.of(requests));
  }

  /// Rows are `arguments of curl | who answers, or the status`.
  private void answers(String... rows) throws Exception {
    List<String> wanted = new ArrayList<>();
    List<String> requests = new ArrayList<>();
    for (String row : rows) {
      int bar = row.lastIndexOf('|');
      requests.add(row.substring(0, bar).strip());
      wanted.add(row.substring(0, bar).strip() + " | " + row.substring(bar + 1).strip());
    }
    List<String> seen = new ArrayList<>();
    List<Answer> answers = ask(requests.toArray(String[]::new));
    for (int i = 0; i < answers.size(); i++) {
      Answer answer = answers.get(i);
      String location = answer.field("location");
      String what =
          answer.status() == 200
              ? answer.version()
              : answer.status() + (location.isEmpty() ? "" : " " + location);
      seen.add(requests.get(i) + " | " + what);
    }
    assertThat(seen).isEqualTo(wanted);
  }

  @Test
  void mesh_basic() throws Exception {
    assertThat(ask("http://echo/").getFirst().status()).isEqualTo(200);
  }

  @Test
  void mesh_traffic_split() throws Exception {
    apply(
        route(
            "HTTPRoute",
            "mesh-split",
            "echo",
            rule("{path: {type: Exact, value: /v1}}", "", "echo-v1, port: 80"),
            rule("{path: {type: Exact, value: /v2}}", "", "echo-v2, port: 80")));

    answers("http://echo/v1 | v1", "http://echo/v2 | v2");
  }

  @Test
  void mesh_ports() throws Exception {
    apply(
        route("HTTPRoute", "a", "echo-v1, port: 80", rule(ANY, marked("v1"), "echo-v1, port: 80")),
        route("HTTPRoute", "b", "echo-v2", rule(ANY, marked("v2"), "echo-v2, port: 80")));

    assertThat(
            ask(
                "http://echo-v1/",
                "http://echo-v1:8080/",
                "http://echo-v2/",
                "http://echo-v2:8080/"))
        .extracting(answer -> answer.status() + answer.field("x-header-set"))
        .containsExactly("200v1", "200", "200v2", "200v2");
  }

  @Test
  void mesh_frontend_and_mesh_frontend_hostname() throws Exception {
    apply(route("HTTPRoute", "f", "echo-v2", rule(ANY, marked("set"), "echo-v2, port: 80")));
    var found =
        Pattern.compile("podIP: (\\S+)")
            .matcher(mesh.get("pod", "echo-v2", "-n", SuiteMesh.NAMESPACE, "-o", "yaml"));
    assertThat(found.find()).isTrue();

    assertThat(
            ask(
                "http://echo-v2/",
                "http://" + found.group(1) + ":8080/",
                "-H 'Host: echo-v1' http://echo-v2/",
                "-H 'Host: echo-v2' http://echo-v1/"))
        .extracting(answer -> answer.version() + answer.field("x-header-set"))
        .containsExactly("v2set", "v2", "v2set", "v1");
  }

  @Test
  void mesh_consumer_route() throws Exception {
    apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: consumer, namespace: gateway-conformance-mesh-consumer}
        spec:
          parentRefs: [{group: "", kind: Service, name: echo-v1, namespace: gateway-conformance-mesh}]
          rules:
            - filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: X-Header-Set, value: set}]}}]
              backendRefs: [{name: echo-v1, namespace: gateway-conformance-mesh, port: 80}]
        """);
    String url = "http://echo-v1.gateway-conformance-mesh/";

    Answer consumer = mesh.ask(SuiteMesh.CONSUMER, List.of(url)).getFirst();
    assertThat(consumer.version() + consumer.field("x-header-set")).isEqualTo("v1set");
    Answer producer = ask(url).getFirst();
    assertThat(producer.version() + producer.field("x-header-set")).isEqualTo("v1");
  }

  @Test
  void mesh_http_route_simple_same_namespace() throws Exception {
    apply(http("{backendRefs: [{name: echo-v1, port: 8080}]}"));

    answers("http://echo/ | v1");
  }

  private static final String BATCH =
      "seq 500 | xargs -P 20 -I{} curl -s -m 10 -H 'Connection: close' ";

  private void sharesAreKept(String requests) throws Exception {
    String text = mesh.shell(SuiteMesh.NAMESPACE, requests);
    long first = Pattern.compile("\"version\":\"v1\"").matcher(text).results().count();
    long second = Pattern.compile("\"version\":\"v2\"").matcher(text).results().count();
    assertThat(first + second).isEqualTo(500);
    assertThat(first).isCloseTo(350, within(25L));
  }

  @Test
  void mesh_http_route_weight() throws Exception {
    apply(
        http(rule(ANY, "", "echo-v1, port: 8080, weight: 70", "echo-v2, port: 8080, weight: 30")));

    sharesAreKept(BATCH + "http://echo/");
  }

  @Test
  void mesh_http_route_matching() throws Exception {
    String version = "{headers: [{name: version, value: %s}]}";
    apply(
        http(
            rule(prefix("/") + ", " + version.formatted("one"), "", "echo-v1, port: 8080"),
            rule(prefix("/v2") + ", " + version.formatted("two"), "", "echo-v2, port: 8080")));

    answers(
        "http://echo/ | v1",
        "http://echo/example | v1",
        "-H 'Version: one' http://echo/ | v1",
        "http://echo/v2example | v1",
        "http://echo/foo/v2/example | v1",
        "http://echo/v2 | v2",
        "http://echo/v2/example | v2",
        "http://echo/v2/ | v2",
        "-H 'Version: two' http://echo/ | v2");
  }

  @Test
  void mesh_http_route_query_param_matching() throws Exception {
    String animal = "queryParams: [{name: animal, value: %s}]";
    String whale = animal.formatted("whale");
    String one = "echo-v1, port: 8080";
    String two = "echo-v2, port: 8080";
    apply(
        http(
            rule("{" + whale + "}", "", one),
            rule("{" + animal.formatted("dolphin") + "}", "", two),
            rule("{path: {value: /path1}, " + whale + "}", "", one),
            rule("{headers: [{name: version, value: one}], " + whale + "}", "", two),
            rule(
                "{path: {value: /path3}, "
                    + animal.formatted("shark")
                    + "}, {path: {value: /path4}, headers: [{name: version, value: three}], "
                    + animal.formatted("kraken")
                    + "}",
                "",
                one),
            rule("{path: {value: /path5}}", "", one),
            rule("{" + animal.formatted("hydra") + "}", "", two)));

    answers(
        "'http://echo/?animal=whale' | v1",
        "'http://echo/?animal=whale&otherparam=irrelevant' | v1",
        "'http://echo/?animal=dolphin' | v2",
        "'http://echo/?otherparam=irrelevant&animal=dolphin' | v2",
        "'http://echo/?color=blue' | 404",
        "'http://echo/?animal=dog' | 404",
        "'http://echo/?animal=whaledolphin' | 404",
        "http://echo/ | 404",
        "'http://echo/path1?animal=whale' | v1",
        "-H 'version: one' 'http://echo/?animal=whale' | v2",
        "'http://echo/path3?animal=shark' | v1",
        "-H 'version: three' 'http://echo/path4?animal=kraken' | v1",
        "'http://echo/?animal=shark' | 404",
        "'http://echo/path4?animal=kraken' | 404",
        "'http://echo/path5?animal=hydra' | v1");
  }

  @Test
  void mesh_http_route_request_header_modifier() throws Exception {
    List<String> rules = new ArrayList<>();
    for (String modifier : SuiteHeaders.MODIFIERS) {
      String[] parts = modifier.split("; ");
      rules.add(
          rule(
              prefix(parts[0]),
              filter("RequestHeaderModifier", "requestHeaderModifier", parts[1]),
              "echo-v1, port: 8080"));
    }
    apply(http(rules.toArray(String[]::new)));

    SuiteHeaders.areModified(ask(SuiteHeaders.REQUESTS));
  }

  @Test
  void mesh_http_route_backend_request_header_modifier() throws Exception {
    List<String> rules = new ArrayList<>();
    for (String modifier : SuiteHeaders.MODIFIERS) {
      String[] parts = modifier.split("; ");
      rules.add(
          rule(
              prefix(parts[0]),
              "",
              "echo-v1, port: 8080"
                  + filter("RequestHeaderModifier", "requestHeaderModifier", parts[1])));
    }
    apply(http(rules.toArray(String[]::new)));

    SuiteHeaders.areModified(ask(SuiteHeaders.REQUESTS));
  }

  @Test
  void mesh_http_route_redirects() throws Exception {
    String host = "hostname: example.org";
    String replaced = "path: {type: ReplacePrefixMatch, replacePrefixMatch: /replacement-prefix}";
    String full = "path: {type: ReplaceFullPath, replaceFullPath: /full-path-replacement}";
    apply(
        http(
            redirect("/hostname-redirect", host),
            redirect("/host-and-status", host + ", statusCode: 301"),
            redirect("/original-prefix", replaced),
            redirect("/full", full),
            redirect("/path-and-host", host + ", " + replaced),
            redirect("/path-and-status", replaced + ", statusCode: 301"),
            redirect("/full-path-and-host", host + ", " + full),
            redirect("/full-path-and-status", full + ", statusCode: 301"),
            redirect("/redirect", "statusCode: 303"),
            redirect("/temporary", "statusCode: 307"),
            redirect("/permanent", "statusCode: 308")));

    answers(
        "http://echo/hostname-redirect | 302 http://example.org/hostname-redirect",
        "http://echo/host-and-status | 301 http://example.org/host-and-status",
        "http://echo/original-prefix/lemon | 302 http://echo/replacement-prefix/lemon",
        "http://echo/full/path/original | 302 http://echo/full-path-replacement",
        "http://echo/path-and-host | 302 http://example.org/replacement-prefix",
        "http://echo/path-and-status | 301 http://echo/replacement-prefix",
        "http://echo/full-path-and-host | 302 http://example.org/full-path-replacement",
        "http://echo/full-path-and-status | 301 http://echo/full-path-replacement",
        "http://echo/redirect | 303 http://echo/redirect",
        "http://echo/temporary | 307 http://echo/temporary",
        "http://echo/permanent | 308 http://echo/permanent");
  }

  @Test
  void mesh_http_route_redirect_port_and_scheme_redirect() throws Exception {
    String host = "hostname: example.org";
    apply(
        http(
            redirect("/port", "port: 8083"),
            redirect("/port-and-host", host + ", port: 8083"),
            redirect("/port-and-status", "port: 8083, statusCode: 301"),
            redirect("/port-and-host-and-status", host + ", port: 8083, statusCode: 302"),
            redirect("/scheme", "scheme: https"),
            redirect("/scheme-and-host", host + ", scheme: https"),
            redirect("/scheme-and-status", "scheme: https, statusCode: 301"),
            redirect("/scheme-and-host-and-status", host + ", scheme: https, statusCode: 302")));

    answers(
        "http://echo/port | 302 http://echo:8083/port",
        "http://echo/port-and-host | 302 http://example.org:8083/port-and-host",
        "http://echo/port-and-status | 301 http://echo:8083/port-and-status",
        "http://echo/port-and-host-and-status | 302"
            + " http://example.org:8083/port-and-host-and-status",
        "http://echo/scheme | 302 https://echo/scheme",
        "http://echo/scheme-and-host | 302 https://example.org/scheme-and-host",
        "http://echo/scheme-and-status | 301 https://echo/scheme-and-status",
        "http://echo/scheme-and-host-and-status | 302"
            + " https://example.org/scheme-and-host-and-status");
  }

  @Test
  void mesh_http_route_rewrite_path() throws Exception {
    String headers =
        "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-Header-Set, value:"
            + " set-overwrites-values}], add: [{name: X-Header-Add, value: header-val-1}, {name:"
            + " X-Header-Add-Append, value: header-val-2}], remove: [X-Header-Remove]}}, ";
    String prefix =
        ", filters: [%s{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch,"
            + " replacePrefixMatch: %s}}}]";
    String full =
        ", filters: [%s{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath,"
            + " replaceFullPath: %s}}}]";
    String to = "echo-v1, port: 80";
    apply(
        http(
            rule(prefix("/prefix/one"), prefix.formatted("", "/one"), to),
            rule(prefix("/strip-prefix"), prefix.formatted("", "/"), to),
            rule(prefix("/full/one"), full.formatted("", "/one"), to),
            rule(
                prefix("/full/rewrite-path-and-modify-headers"),
                full.formatted(headers, "/test"),
                to),
            rule(
                prefix("/prefix/rewrite-path-and-modify-headers"),
                prefix.formatted(headers, "/prefix"),
                to)));
    String sent =
        "-H 'X-Header-Remove: remove-val' -H 'X-Header-Add-Append: append-val-1' -H"
            + " 'X-Header-Set: set-val' ";

    List<Answer> seen =
        ask(
            "http://echo/prefix/one/two",
            "http://echo/strip-prefix/three",
            "http://echo/strip-prefix",
            "http://echo/full/one/two",
            sent + "http://echo/full/rewrite-path-and-modify-headers/test",
            sent + "http://echo/prefix/rewrite-path-and-modify-headers/one");
    assertThat(seen)
        .extracting(answer -> answer.seen().get("path"))
        .containsExactly("/one/two", "/three", "/", "/one", "/test", "/prefix/one");
    for (Answer answer : seen.subList(4, 6)) {
      assertThat(answer.sent("x-header-add")).isEqualTo("header-val-1");
      assertThat(answer.sent("x-header-add-append")).isEqualTo("append-val-1,header-val-2");
      assertThat(answer.sent("x-header-set")).isEqualTo("set-overwrites-values");
      assertThat(answer.sent("x-header-remove")).isEmpty();
    }
  }

  @Test
  void mesh_http_route_named_rule() throws Exception {
    apply(
        http(
            "{name: named-rule, matches: ["
                + prefix("/named")
                + "], backendRefs: [{name: echo-v1, port: 80}]}",
            rule(prefix("/unnamed"), "", "echo-v2, port: 80")));

    answers("http://echo/named | v1", "http://echo/unnamed | v2");
  }

  private static final String CALL =
      "--http2-prior-knowledge -X POST -H 'content-type: application/grpc' -H 'te: trailers'"
          + " --data-binary @/dev/null ";

  @Test
  void mesh_grpc_route_weight() throws Exception {
    apply(
        grpc(
            rule(
                ANY,
                "",
                "echo-v1, port: 7070, weight: 70",
                "echo-v2, port: 7070, weight: 30",
                "echo-v3, port: 7070, weight: 0")));

    sharesAreKept(
        "seq 500 | xargs -P 20 -I{} curl -s -m 10 --output - " + CALL + "http://echo:7070/e.E/A");
    assertThat(mesh.get("grpcroute", "mesh-test", "-n", SuiteMesh.NAMESPACE, "-o", "yaml"))
        .contains("BackendNotFound");
  }

  @Test
  void mesh_grpc_route_request_header_modifier() throws Exception {
    List<String> rules = new ArrayList<>();
    for (String modifier :
        List.of(
            "set; set: [{name: x-header-set, value: set-overwrites-values}]",
            "add; add: [{name: x-header-add, value: add-appends-values}]",
            "remove; remove: [x-header-remove]")) {
      String[] parts = modifier.split("; ");
      rules.add(
          rule(
              "{headers: [{name: x-test-case, value: %s}]}".formatted(parts[0]),
              filter("RequestHeaderModifier", "requestHeaderModifier", parts[1]),
              "echo-v1, port: 7070"));
    }
    apply(grpc(rules.toArray(String[]::new)));
    String url = " http://echo:7070/e.E/A";

    String text =
        mesh.shell(
            SuiteMesh.NAMESPACE,
            call("set", "x-header-set: this-value-should-be-overwritten", url)
                + call("add", "x-header-add: this-value-should-be-appended", url)
                + call("remove", "x-header-remove: x", url)
                + call("none", "a: b", url));
    String[] answers = text.split("@@@@");
    assertThat(answers[0]).contains("set-overwrites-values", "echo:7070").doesNotContain("should");
    assertThat(answers[1]).contains("this-value-should-be-appended").contains("add-appends-values");
    assertThat(answers[2]).contains("x-test-case").doesNotContain("x-header-remove");
    assertThat(answers[3]).containsIgnoringCase("grpc-status: 12");
  }

  private static String call(String test, String header, String url) {
    return "curl -s -i -m 10 --output - -H 'x-test-case: "
        + test
        + "' -H '"
        + header
        + "' "
        + CALL
        + url
        + "; printf @@@@;";
  }

  @Test
  void a_class_lists_every_feature_that_these_tests_name() throws Exception {
    assertThat(mesh.get("gatewayclass", "kiri-waypoint", "-o", "yaml"))
        .contains(
            "MeshClusterIPMatching",
            "MeshConsumerRoute",
            "MeshHTTPRouteBackendRequestHeaderModification",
            "MeshHTTPRouteNamedRouteRule",
            "MeshHTTPRouteQueryParamMatching",
            "MeshHTTPRouteRedirectPath",
            "MeshHTTPRouteRedirectPort",
            "MeshHTTPRouteRewritePath",
            "MeshHTTPRouteSchemeRedirect");
  }
}
