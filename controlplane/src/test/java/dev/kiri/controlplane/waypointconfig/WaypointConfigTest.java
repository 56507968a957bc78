package dev.kiri.controlplane.waypointconfig;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.waypoint.config.v1.AccessLog;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.ClaimToHeader;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.JwtRule;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.TokenHeader;
import dev.kiri.waypoint.config.v1.Waypoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Routes and policies on their way to a waypoint, and what they say about themselves.
class WaypointConfigTest {
  private static final String SERVICE =
      "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {ports: [{name:"
          + " http-web, port: 80}, {name: raw, port: 81, appProtocol: tcp}]}}";

  private final IndexFixture fixture = new IndexFixture();
  private final WaypointConfig config = new WaypointConfig(fixture.index);

  private static String route(String parent, String rules) {
    return "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: ns, generation: 7, creationTimestamp: '2026-01-02T03:04:05Z'}, spec: {parentRefs: [%s], rules: %s}}"
        .formatted(parent, rules);
  }

  private static String policy(String namespace, String spec) {
    return "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: p, namespace: %s}, spec: %s}"
        .formatted(namespace, spec);
  }

  private RouteResult routed(String parent, String rules) {
    fixture.withWaypoint().with(SERVICE, route(parent, rules));
    return config.routes(Kind.HTTP_ROUTE).rows().get("ns/r");
  }

  private static HttpRoute sent(RouteResult result) throws Exception {
    return Resource.parseFrom(result.byWaypoint().get("ns/w").bytes()).getHttpRoute();
  }

  @Test
  void a_route_goes_to_the_waypoint_of_its_parent_before_that_has_an_address() throws Exception {
    RouteResult result =
        routed(
            "{group: '', kind: Service, name: s}",
            "[{name: first, matches: [{path: {type: Exact, value: /a}, headers: [{name: x, value:"
                + " y}], queryParams: [{name: q, type: RegularExpression, value: '[0-9]+'}],"
                + " method: GET}], backendRefs: [{name: s, port: 80, weight: 9}, {name: s, port:"
                + " 81}], timeouts: {request: 1500ms}}]");

    Resource resource = Resource.parseFrom(result.byWaypoint().get("ns/w").bytes());
    assertThat(result.byWaypoint().get("ns/w").name()).isEqualTo("HTTPRoute/ns/r");
    assertThat(resource.getSource().getGeneration()).isEqualTo(7);
    HttpRoute route = resource.getHttpRoute();
    assertThat(route.getParents(0).getHostname()).isEqualTo("s.ns.svc.cluster.local");
    assertThat(route.getParents(0).getPort()).isZero();
    assertThat(route.getCreationTime().getSeconds()).isEqualTo(1767323045L);
    var rule = route.getRules(0);
    assertThat(rule.getMatches(0).getPath().getExact()).isEqualTo("/a");
    assertThat(rule.getMatches(0).getHeaders(0).getExact()).isEqualTo("y");
    assertThat(rule.getMatches(0).getQueryParams(0).getRegex()).isEqualTo("[0-9]+");
    assertThat(rule.getMatches(0).getMethod()).isEqualTo("GET");
    assertThat(rule.getBackends(0).getWeight()).isEqualTo(9);
    assertThat(rule.getBackends(0).getService().getProtocol()).isEqualTo(Protocol.HTTP);
    assertThat(rule.getBackends(1).getService().getProtocol()).isEqualTo(Protocol.TCP);
    assertThat(rule.getTimeouts().getRequest())
        .isEqualTo(Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build());
    assertThat(result.parents().getFirst().accepted().message()).isEqualTo("Route was valid");
    assertThat(result.parents().getFirst().resolvedRefs().message())
        .isEqualTo("All references resolved");
    assertThat(result.parents().getFirst().resolvedWaypoints().message())
        .isEqualTo("All waypoints resolved");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | cookie kiri-session / 0 0 0",
        "{sessionName: a, type: Header} | header a / 0 0 0",
        "{sessionName: a, cookieConfig: {lifetimeType: Permanent}, absoluteTimeout: 1h} | cookie a"
            + " / 3600 0 3600",
        "{type: Header, header: {name: b}} | header b / 0 0 0",
        "{cookie: {name: b, path: /x, lifetimeType: Session}} | cookie b /x 0 0 0",
        "{sessionName: a, idleTimeout: 30m, absoluteTimeout: 2h} | cookie a / 0 1800 7200"
      })
  void a_session_is_sent_in_both_forms_of_the_api(String written, String sent) throws Exception {
    var session =
        sent(routed(
                "{group: '', kind: Service, name: s}",
                "[{sessionPersistence: " + written + ", backendRefs: [{name: s, port: 80}]}]"))
            .getRules(0)
            .getSession();

    assertThat(
            (session.getHeader() ? "header " : "cookie ")
                + session.getName()
                + " "
                + session.getPath()
                + " "
                + session.getLifetime().getSeconds()
                + " "
                + session.getIdle().getSeconds()
                + " "
                + session.getAbsolute().getSeconds())
        .isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: s, port: 82} | BackendNotFound | backend(s.ns.svc.cluster.local) has no port 82",
        "{name: t, port: 80} | BackendNotFound | backend(t.ns.svc.cluster.local) not found",
        "{name: s, namespace: other, port: 80} | BackendNotFound |"
            + " backend(s.other.svc.cluster.local) not found",
        "{kind: Pod, name: s} | InvalidKind | referencing unsupported backendRef: group \"\" kind"
            + " \"Pod\""
      })
  void a_backend_that_does_not_resolve_keeps_its_share_and_answers_500(
      String backend, String reason, String message) throws Exception {
    RouteResult result =
        routed("{group: '', kind: Service, name: s}", "[{backendRefs: [" + backend + "]}]");

    var sent = sent(result).getRules(0).getBackends(0);
    assertThat(sent.getInvalid().getReason()).isEqualTo(reason);
    assertThat(sent.getWeight()).isEqualTo(1);
    RouteResult.Parent parent = result.parents().getFirst();
    assertThat(parent.accepted().holds()).isTrue();
    assertThat(parent.resolvedRefs()).isEqualTo(new Verdict(false, reason, message));
  }

  @Test
  void a_backend_of_another_namespace_needs_no_grant_under_a_service() throws Exception {
    fixture.with(
        "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: other}, spec: {ports:"
            + " [{port: 80}]}}");
    RouteResult result =
        routed(
            "{group: '', kind: Service, name: s}",
            "[{backendRefs: [{name: s, namespace: other, port: 80}]}]");

    assertThat(sent(result).getRules(0).getBackends(0).getService().getNamespace())
        .isEqualTo("other");
    assertThat(result.parents().getFirst().resolvedRefs().holds()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{group: '', kind: Service, name: s, port: 80} | 80",
        "{group: '', kind: Service, name: s, sectionName: raw} | 81",
        "{group: '', kind: Service, name: s, sectionName: raw, port: 81} | 81"
      })
  void a_parents_port_is_found_by_number_and_name(String parent, int port) throws Exception {
    assertThat(sent(routed(parent, "[{}]")).getParents(0).getPort()).isEqualTo(port);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{group: '', kind: Service, name: t} | parent service: \"t\" not found",
        "{group: '', kind: Service, name: s, port: 82} | parent service: \"s\" has no port that the"
            + " reference names",
        "{group: '', kind: Service, name: s, sectionName: raw, port: 80} | parent service: \"s\""
            + " has no port that the reference names"
      })
  void a_parent_that_does_not_exist_is_said_so(String parent, String message) {
    RouteResult result = routed(parent, "[{}]");

    assertThat(result.byWaypoint()).isEmpty();
    assertThat(result.parents().getFirst().accepted())
        .isEqualTo(new Verdict(false, "NoMatchingParent", message));
    assertThat(result.parents().getFirst().resolvedWaypoints().message())
        .isEqualTo("parent not found");
  }

  @Test
  void a_parent_without_a_waypoint_is_said_so_and_parents_of_others_are_left_alone() {
    fixture.with(SERVICE, route("{group: '', kind: Service, name: s}, {name: ingress}", "[{}]"));

    RouteResult result = config.routes(Kind.HTTP_ROUTE).rows().get("ns/r");
    assertThat(result.parents()).hasSize(1);
    assertThat(result.parents().getFirst().resolvedWaypoints().reason())
        .isEqualTo("MissingUseWaypointLabel");
  }

  @Test
  void a_rule_with_an_unsupported_filter_answers_500_and_the_route_says_so() throws Exception {
    RouteResult result =
        routed(
            "{group: '', kind: Service, name: s}",
            "[{filters: [{type: ExtensionRef, extensionRef: {}}]}, {backendRefs: [{name: s, port:"
                + " 80}]}]");

    assertThat(sent(result).getRules(0).getFilters(0).hasInvalid()).isTrue();
    RouteResult.Parent parent = result.parents().getFirst();
    assertThat(parent.accepted().holds()).isTrue();
    assertThat(parent.partiallyInvalid().message())
        .isEqualTo(
            "Dropped Rule (answered with 500): spec.rules[0]: unsupported filter type"
                + " \"ExtensionRef\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ns | {kind: Service, group: '', name: s} | true | bound to ns/w",
        "ns | {kind: Service, group: core, name: s} | true | bound to ns/w",
        "ns | {kind: Service, group: '', name: t} | false | Service ns/t was not found",
        "ns | {kind: Gateway, group: gateway.networking.k8s.io, name: w} | true | bound to ns/w",
        "ns | {kind: Gateway, group: gateway.networking.k8s.io, name: v} | false | Gateway ns/v was"
            + " not found",
        "istio-system | {kind: GatewayClass, group: gateway.networking.k8s.io, name: kiri-waypoint}"
            + " | true | bound to every waypoint of class kiri-waypoint",
        "ns | {kind: GatewayClass, group: gateway.networking.k8s.io, name: kiri-waypoint} | false |"
            + " AuthorizationPolicy must be in the root namespace `istio-system` when referencing a"
            + " GatewayClass"
      })
  void a_policy_goes_where_its_target_is(
      String namespace, String target, boolean bound, String message) {
    fixture
        .withWaypoint()
        .with(SERVICE, policy(namespace, "{targetRefs: [" + target + "], rules: [{}]}"));

    PolicyResult result = config.policies().rows().get(namespace + "/p");
    assertThat(result.byWaypoint().containsKey("ns/w")).isEqualTo(bound);
    assertThat(result.targets().getFirst().accepted().message()).isEqualTo(message);
  }

  @Test
  void the_meshs_configuration_sets_paths_and_the_log_of_waypoints() throws Exception {
    fixture.withWaypoint();
    assertThat(own().getPathNormalization()).isEqualTo(Waypoint.PathNormalization.BASE);
    assertThat(own().hasAccessLog()).isFalse();

    fixture.with(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data:"
            + " {mesh: '{pathNormalization: {normalization: NONE}, accessLogFile: \"\","
            + " accessLogEncoding: JSON, protocolDetectionTimeout: 3s}'}}");
    assertThat(own().getPathNormalization()).isEqualTo(Waypoint.PathNormalization.NO_NORMALIZATION);
    assertThat(own().getAccessLog().getDisabled()).isTrue();
    assertThat(own().getAccessLog().getFormat()).isEqualTo(AccessLog.Format.JSON);
    assertThat(own().getProtocolDetectionTimeout().getSeconds()).isEqualTo(3);
  }

  private Waypoint own() throws Exception {
    return Resource.parseFrom(config.waypoints().rows().get("ns/w").get("ns/w").bytes())
        .getWaypoint();
  }

  @Test
  void a_canary_enforces_and_routes_what_the_first_waypoint_does() {
    fixture
        .withWaypoint()
        .with(
            "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: c,"
                + " namespace: ns}, spec: {gatewayClassName: kiri-waypoint, listeners: []}}",
            SERVICE.replace(
                "namespace: ns}",
                "namespace: ns, labels: {istio.io/use-waypoint: w, istio.io/use-waypoint-canary:"
                    + " c}}"),
            route("{group: '', kind: Service, name: s}", "[{backendRefs: [{name: s, port: 80}]}]"),
            policy("ns", "{targetRefs: [{kind: Service, name: s}], rules: [{}]}"),
            "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: d,"
                + " namespace: ns}, spec: {host: s}}",
            "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v,"
                + " namespace: ns}, spec: {hosts: [s], http: [{route: [{destination: {host:"
                + " s}}]}]}}");

    assertThat(config.routes(Kind.HTTP_ROUTE).rows().get("ns/r").byWaypoint())
        .containsOnlyKeys("ns/c", "ns/w");
    assertThat(config.policies().rows().get("ns/p").byWaypoint()).containsOnlyKeys("ns/c", "ns/w");
    assertThat(config.destinationRules().rows().get("ns/d").byWaypoint())
        .containsOnlyKeys("ns/c", "ns/w");
    fixture.without(
        route("{group: '', kind: Service, name: s}", "[{backendRefs: [{name: s, port: 80}]}]"));
    assertThat(config.virtualServices().rows().get("ns/v").byWaypoint())
        .containsOnlyKeys("ns/c", "ns/w");
    assertThat(config.services().rows().get("ns/s")).containsOnlyKeys("ns/c", "ns/w");
  }

  @Test
  void which_tokens_are_valid_goes_where_the_target_is() throws Exception {
    fixture
        .withWaypoint()
        .with(
            SERVICE,
            """
            {apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: t, namespace: ns}, spec: {
              targetRefs: [{kind: Service, name: s}, {kind: Service, name: gone}],
              jwtRules: [{issuer: i, audiences: [a], jwks: '{"keys": []}', jwksUri: 'http://not.used',
                fromHeaders: [{name: h, prefix: 'P '}], fromParams: [p], fromCookies: [c],
                forwardOriginalToken: true, outputPayloadToHeader: o,
                outputClaimToHeaders: [{header: ch, claim: cl}], timeout: 1500ms, spaceDelimitedClaims: [d]},
                {issuer: 'https://i', jwksUri: 'https://i/keys'}]}}
            """);

    PolicyResult result = config.requestAuthentications().rows().get("ns/t");
    assertThat(result.targets())
        .extracting(target -> target.accepted().message())
        .containsExactly("bound to ns/w", "Service ns/gone was not found");
    assertThat(result.byWaypoint().get("ns/w").name()).isEqualTo("RequestAuthentication/ns/t");
    var sent =
        Resource.parseFrom(result.byWaypoint().get("ns/w").bytes()).getRequestAuthentication();
    assertThat(sent.getTargets(0).getService().getHostname()).isEqualTo("s.ns.svc.cluster.local");
    assertThat(sent.getRules(0))
        .isEqualTo(
            JwtRule.newBuilder()
                .setIssuer("i")
                .addAudiences("a")
                .setJwks("{\"keys\": []}")
                .addFromHeaders(TokenHeader.newBuilder().setName("h").setPrefix("P "))
                .addFromParams("p")
                .addFromCookies("c")
                .setForwardOriginalToken(true)
                .setOutputPayloadToHeader("o")
                .addOutputClaimToHeaders(ClaimToHeader.newBuilder().setHeader("ch").setClaim("cl"))
                .setTimeout(Duration.newBuilder().setSeconds(1).setNanos(500_000_000))
                .addSpaceDelimitedClaims("d")
                .build());
    assertThat(sent.getRules(1).getJwksUri()).isEqualTo("https://i/keys");
  }

  @Test
  void a_policys_unknown_field_costs_an_allow_rule_its_effect_and_widens_a_denial()
      throws Exception {
    String target = "targetRefs: [{kind: Service, group: '', name: s}]";
    String rule = "rules: [{to: [{operation: {method: [GET], paths: [/a]}}]}]";
    fixture.withWaypoint().with(SERVICE, policy("ns", "{" + target + ", " + rule + "}"));
    assertThat(policySent().getRulesCount()).isZero();
    assertThat(policySent().getAction()).isEqualTo(AuthorizationPolicy.Action.ALLOW);

    fixture.with(policy("ns", "{action: DENY, " + target + ", " + rule + "}"));
    assertThat(policySent().getRules(0).getTo(0).getPathsList()).containsExactly("/a");

    fixture.with(
        policy(
            "ns", "{action: DENY, " + target + ", rules: [{to: [{operation: {method: [GET]}}]}]}"));
    assertThat(policySent().getRules(0).getToCount()).isZero();

    fixture.with(policy("ns", "{" + target + ", rulez: []}"));
    assertThat(policySent().getAction()).isEqualTo(AuthorizationPolicy.Action.DENY);
    assertThat(policySent().getRulesCount()).isEqualTo(1);
  }

  private AuthorizationPolicy policySent() throws Exception {
    return Resource.parseFrom(config.policies().rows().get("ns/p").byWaypoint().get("ns/w").bytes())
        .getAuthorizationPolicy();
  }
}
