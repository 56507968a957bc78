package dev.kiri.controlplane.waypointconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Duration;
import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.RequestRedirect;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.RouteParent;
import dev.kiri.waypoint.config.v1.VirtualService;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// VirtualServices on their way to a waypoint, and what they say about themselves.
class VirtualServiceTest {
  private final IndexFixture fixture = new IndexFixture();
  private final WaypointConfig config = new WaypointConfig(fixture.index);

  @BeforeEach
  void mesh() {
    fixture
        .withWaypoint()
        .with(
            "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {ports:"
                + " [{name: http, port: 80}]}}",
            "{apiVersion: v1, kind: Service, metadata: {name: many, namespace: ns}, spec: {ports:"
                + " [{name: http, port: 80}, {name: tcp, port: 81}]}}",
            "{apiVersion: v1, kind: Service, metadata: {name: far, namespace: elsewhere}, spec:"
                + " {ports: [{name: http, port: 80}]}}",
            "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop, labels: {app: web,"
                + " version: v1}}, spec: {}}",
            "{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop, labels: {app: web,"
                + " version: v2}}, spec: {}}");
  }

  private static String service(String name, String spec) {
    return "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: %s, namespace: ns}, spec: {%s}}"
        .formatted(name, spec);
  }

  private VirtualServiceResult result(String spec) {
    fixture.with(service("v", spec));
    return Objects.requireNonNull(config.virtualServices().rows().get("ns/v"));
  }

  private static VirtualService sent(VirtualServiceResult result) throws Exception {
    return Resource.parseFrom(result.byWaypoint().get("ns/w").bytes()).getVirtualService();
  }

  private HttpRule rule(String rule) throws Exception {
    return sent(result("hosts: [s], http: [{" + rule + "}]")).getHttp(0);
  }

  @Test
  void a_short_name_is_a_service_of_the_objects_namespace() throws Exception {
    VirtualService sent = sent(result("hosts: [s], http: [{route: [{destination: {host: s}}]}]"));

    assertThat(sent.getParentsList())
        .extracting(RouteParent::getHostname, RouteParent::getPort)
        .containsExactly(tuple("s.ns.svc.cluster.local", 0));
    var backend = sent.getHttp(0).getBackends(0);
    assertThat(backend.getService().getHostname()).isEqualTo("s.ns.svc.cluster.local");
    assertThat(backend.getService().getPort()).isEqualTo(80);
    assertThat(backend.getWeight()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'*.ns.svc.cluster.local' | 2",
        "'*'                      | 2",
        "s.ns.svc.cluster.local   | 1"
      })
  void a_wildcard_covers_every_service_behind_a_waypoint(String host, int parents)
      throws Exception {
    assertThat(
            sent(result("hosts: ['" + host + "'], http: [{route: [{destination: {host: s}}]}]"))
                .getParentsCount())
        .isEqualTo(parents);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "none | TargetNotFound   | no service has the host none.ns.svc.cluster.local",
        "far.elsewhere.svc.cluster.local | AncestorNotBound | Service elsewhere/far has no"
            + " waypoint"
      })
  void a_host_that_no_waypoint_serves_is_said_so(String host, String reason, String message) {
    VirtualServiceResult result =
        result(
            "hosts: ["
                + host.replace(", http", "")
                + "], http: [{route: [{destination: {host: s}}]}]");

    assertThat(result.byWaypoint()).isEmpty();
    assertThat(result.accepted()).isEqualTo(new Verdict(false, reason, message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{host: none}          | destination none.ns.svc.cluster.local not found",
        "{host: s, port: {number: 81}} | destination s.ns.svc.cluster.local has no port 81"
      })
  void a_destination_that_does_not_exist_is_answered_503_and_named(
      String destination, String message) throws Exception {
    VirtualServiceResult result =
        result("hosts: [s], http: [{route: [{destination: " + destination + "}]}]");

    assertThat(sent(result).getHttp(0).getBackends(0).getInvalid().getStatus()).isEqualTo(503);
    assertThat(result.partiallyInvalid())
        .isEqualTo(new Verdict(true, "UnsupportedValue", "spec.http[0].route[0]: " + message));
  }

  @Test
  void a_destination_without_a_port_among_many_is_taken_at_the_clients() throws Exception {
    assertThat(rule("route: [{destination: {host: many}}]").getBackends(0).getService().getPort())
        .isZero();
  }

  @Test
  void every_condition_is_sent() throws Exception {
    HttpMatch match =
        rule("match: [{uri: {prefix: /a}, ignoreUriCase: true, method: {exact: GET}, authority:"
                + " {regex: 'x.*'}, scheme: {exact: http}, headers: {h: {prefix: p}, i: {}},"
                + " withoutHeaders: {w: {exact: e}}, queryParams: {q: {regex: '*'}}, port: 80,"
                + " sourceNamespace: shop, sourceLabels: {version: v1, app: web}}], route:"
                + " [{destination: {host: s}}]")
            .getMatches(0);

    assertThat(match.getPath().getTextPrefix()).isEqualTo("/a");
    assertThat(match.getPath().getIgnoreCase()).isTrue();
    assertThat(match.getMethodText().getExact()).isEqualTo("GET");
    assertThat(match.getAuthority().getRegex()).isEqualTo("x.*");
    assertThat(match.getScheme().getExact()).isEqualTo("http");
    assertThat(match.getHeaders(0).getPrefix()).isEqualTo("p");
    assertThat(match.getHeaders(1).getPresent()).isTrue();
    assertThat(match.getWithoutHeaders(0).getExact()).isEqualTo("e");
    assertThat(match.getQueryParams(0).getPresent()).isTrue();
    assertThat(match.getPort()).isEqualTo(80);
    assertThat(match.getClient().getNamespace()).isEqualTo("shop");
    assertThat(match.getClient().getWorkloadsList()).containsExactly("Kubernetes//Pod/shop/a");
  }

  @Test
  void pods_that_come_with_the_labels_are_sent_too() throws Exception {
    String labels = "match: [{sourceLabels: {app: web}}], route: [{destination: {host: s}}]";
    assertThat(rule(labels).getMatches(0).getClient().getWorkloadsCount()).isEqualTo(2);

    fixture.with(
        "{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: bank, labels: {app: web}},"
            + " spec: {}}");

    assertThat(
            sent(config.virtualServices().rows().get("ns/v"))
                .getHttp(0)
                .getMatches(0)
                .getClient()
                .getWorkloadsList())
        .contains("Kubernetes//Pod/bank/c");
  }

  @Test
  void every_action_is_sent() throws Exception {
    HttpRule rule =
        rule(
            "name: n, rewrite: {uriRegexRewrite: {match: '/a(.*)', rewrite: '\\1'}}, timeout: 1.5s,"
                + " retries: {attempts: 3, perTryTimeout: 200ms, retryOn: 'gateway-error, 404',"
                + " retryIgnorePreviousHosts: false}, fault: {delay: {fixedDelay: 5s, percentage:"
                + " {value: 0.1}}, abort: {grpcStatus: NOT_FOUND, percentage: {value: 100}}},"
                + " mirrors: [{destination: {host: many, port: {number: 80}}, percentage: {value:"
                + " 20}}], corsPolicy: {allowOrigins: [{prefix: 'https://a'}], maxAge: 24h,"
                + " unmatchedPreflights: IGNORE}, headers: {request: {set: {x: y, ':authority':"
                + " other}, remove: [z]}, response: {add: {k: v}}}, route: [{destination: {host:"
                + " s}, weight: 0, headers: {request: {add: {d: e}}}}]");

    assertThat(rule.getName()).isEqualTo("n");
    assertThat(rule.getTimeouts().getRequest())
        .isEqualTo(Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
    assertThat(rule.getTimeouts().getBackendRequest())
        .isEqualTo(Duration.newBuilder().setNanos(200_000_000).build());
    assertThat(rule.getRetry().getOnList())
        .containsExactly("gateway-error", "retriable-status-codes");
    assertThat(rule.getRetry().getCodesList()).containsExactly(404);
    assertThat(rule.getRetry().getAttempts()).isEqualTo(3);
    assertThat(rule.getRetry().getSameEndpoint()).isTrue();
    assertThat(rule.getFault().getDelay().getShare().getNumerator()).isEqualTo(1000);
    assertThat(rule.getFault().getAbort().getGrpcStatus()).isEqualTo(5);
    assertThat(rule.getFilters(0).getRequestHeaders().getSetList())
        .extracting(h -> h.getName() + "=" + h.getValue())
        .containsExactly("host=other", "x=y");
    assertThat(rule.getFilters(1).getResponseHeaders().getAdd(0).getName()).isEqualTo("k");
    assertThat(rule.getFilters(2).getRewrite().getPath().getRegex().getSubstitution())
        .isEqualTo("\\1");
    var cors = rule.getFilters(3).getCors();
    assertThat(cors.getOriginMatches(0).getPrefix()).isEqualTo("https://a");
    assertThat(cors.getMaxAge().getSeconds()).isEqualTo(86_400);
    assertThat(cors.getForwardUnmatchedPreflights()).isFalse();
    assertThat(rule.getFilters(4).getMirror().getFraction().getNumerator()).isEqualTo(200_000);
    assertThat(rule.getBackends(0).getWeight()).isEqualTo(1);
    assertThat(rule.getBackends(0).getFilters(0).getRequestHeaders().getAdd(0).getName())
        .isEqualTo("d");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "redirect: {uri: /x}                                | AS_ADDRESSED     | 301",
        "redirect: {derivePort: FROM_PROTOCOL_DEFAULT, redirectCode: 308} | PROTOCOL_DEFAULT | 308",
        "redirect: {derivePort: FROM_REQUEST_PORT}          | SERVICE_PORT     | 301"
      })
  void a_redirect_says_where_its_port_comes_from(String rule, String portRule, int code)
      throws Exception {
    var redirect = rule(rule).getFilters(0).getRedirect();

    assertThat(redirect.getPortRule()).isEqualTo(RequestRedirect.PortRule.valueOf(portRule));
    assertThat(redirect.getStatusCode()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                     | ''",
        "exportTo: ['*'],     | ''",
        "exportTo: [., bank], | bank ns",
        "exportTo: [bank],    | bank"
      })
  void namespaces_it_is_exported_to_are_those_of_clients(String exportTo, String namespaces)
      throws Exception {
    String list = exportTo == null ? "" : exportTo;
    VirtualService sent =
        sent(result(list + "hosts: [s], http: [{route: [{destination: {host: s}}]}]"));

    assertThat(String.join(" ", sent.getClientNamespacesList())).isEqualTo(namespaces);
  }

  @Test
  void rules_of_gateways_only_are_none_of_the_meshs() throws Exception {
    VirtualService sent =
        sent(
            result(
                "hosts: [s], gateways: [mesh, ingress], http: [{match: [{gateways: [ingress]}],"
                    + " route: [{destination: {host: s}}]}, {match: [{uri: {exact: /a}, gateways:"
                    + " [mesh]}], route: [{destination: {host: s}}]}]"));
    assertThat(sent.getHttpCount()).isEqualTo(1);
    assertThat(sent.getHttp(0).getMatches(0).getPath().getExact()).isEqualTo("/a");

    fixture.with(
        service(
            "g", "hosts: [s], gateways: [ingress], http: [{route: [{destination: {host: s}}]}]"));
    assertThat(config.virtualServices().rows()).doesNotContainKey("ns/g");
  }

  @Test
  void connections_go_by_server_name_address_and_port() throws Exception {
    VirtualService sent =
        sent(
            result(
                "hosts: [many], tls: [{match: [{sniHosts: [many.ns.svc.cluster.local],"
                    + " destinationSubnets: [10.0.0.0/8]}], route: [{destination: {host: s, port:"
                    + " {number: 80}}}]}], tcp: [{match: [{port: 81}], route: [{destination: {host:"
                    + " s}, weight: 1}, {destination: {host: many}, weight: 3}]}]"));

    assertThat(sent.getTls(0).getMatches(0).getDestinationsList()).containsExactly("10.0.0.0/8");
    assertThat(sent.getTls(0).getMatches(0).getServerNamesCount()).isEqualTo(1);
    assertThat(sent.getTcp(0).getMatches(0).getPort()).isEqualTo(81);
    assertThat(sent.getTcp(0).getBackends(1).getWeight()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "           | false | every port of ns/many",
        ", port: 80 | true | port [80] of ns/many"
      })
  void a_route_of_the_gateway_api_counts_more_and_is_named(
      String port, boolean accepted, String where) {
    fixture.with(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace:"
            + " ns}, spec: {parentRefs: [{group: '', kind: Service, name: many%s}], rules: [{}]}}"
                .formatted(port == null ? "" : port));
    VirtualServiceResult result =
        result("hosts: [many], http: [{route: [{destination: {host: s}}]}]");

    assertThat(result.accepted().holds()).isEqualTo(accepted);
    String text =
        accepted
            ? Objects.requireNonNull(result.partiallyInvalid()).message()
            : result.accepted().message();
    assertThat(text).isEqualTo("HTTPRoute ns/r counts more than a VirtualService on " + where);
  }

  private static final String DELEGATING =
      "hosts: [s], http: [{name: root, match: [{uri: {prefix: /a}, headers: {h: {exact: '1'}}}],"
          + " timeout: 3s, delegate: {name: d}}]";

  @Test
  void a_delegates_rules_stand_in_the_place_of_the_rule_that_delegates() throws Exception {
    fixture.with(
        service(
            "d",
            "http: [{name: one, match: [{uri: {prefix: /a/b}}], route: [{destination: {host: s}}]},"
                + " {match: [{uri: {prefix: /c}}], route: [{destination: {host: s}}]}, {timeout:"
                + " 1s, route: [{destination: {host: many}}]}]"));
    VirtualServiceResult result = result(DELEGATING);
    VirtualService sent = sent(result);

    assertThat(sent.getHttpCount()).isEqualTo(2);
    HttpRule first = sent.getHttp(0);
    assertThat(first.getName()).isEqualTo("root-one");
    assertThat(first.getDefinedIn().getName()).isEqualTo("d");
    assertThat(first.getMatches(0).getPath().getTextPrefix()).isEqualTo("/a/b");
    assertThat(first.getMatches(0).getHeaders(0).getName()).isEqualTo("h");
    assertThat(first.getTimeouts().getRequest().getSeconds()).isEqualTo(3);
    HttpRule second = sent.getHttp(1);
    assertThat(second.getMatches(0).getPath().getTextPrefix()).isEqualTo("/a");
    assertThat(second.getTimeouts().getRequest().getSeconds()).isEqualTo(1);
    assertThat(Objects.requireNonNull(result.partiallyInvalid()).message())
        .contains("a rule of ns/d can never match");
    assertThat(config.virtualServices().rows()).doesNotContainKey("ns/d");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x |                    | delegate ns/d not found",
        "d | hosts: [s],        | delegate ns/d has hosts of its own",
        "d | exportTo: [bank],  | delegate ns/d is not exported to ns"
      })
  void a_delegate_that_cannot_be_used_costs_the_rule_its_effect(
      String name, String more, String message) throws Exception {
    fixture.with(
        service(name, (more == null ? "" : more) + "http: [{route: [{destination: {host: s}}]}]"));
    VirtualServiceResult result = result(DELEGATING);

    assertThat(sent(result).getHttp(0).getInvalid().getMessage()).isEqualTo(message);
    assertThat(sent(result).getHttp(0).getMatches(0).getPath().getTextPrefix()).isEqualTo("/a");
    assertThat(Objects.requireNonNull(result.partiallyInvalid()).message())
        .isEqualTo("spec.http[0].delegate: " + message);
  }

  @Test
  void a_match_with_an_unknown_field_costs_its_rule_its_effect() throws Exception {
    HttpRule rule =
        rule("match: [{uri: {prefix: /a, suffix: b}}], route: [{destination: {host: s}}]");

    assertThat(rule.getInvalid().getMessage())
        .isEqualTo("unknown match field spec.http[0].match[0].uri.suffix");
  }
}
