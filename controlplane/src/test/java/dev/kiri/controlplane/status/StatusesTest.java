package dev.kiri.controlplane.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.Decoded;
import dev.kiri.controlplane.kinds.Decoder;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Origin;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.waypointconfig.WaypointConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What objects say about themselves (controlplane.md 8, 10).
class StatusesTest {
  private final IndexFixture fixture = new IndexFixture();
  private final Statuses statuses = new Statuses(fixture.index, new WaypointConfig(fixture.index));

  private static String gateway(String className, String listeners, String more) {
    return "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace: ns, generation: 2}, spec: {gatewayClassName: %s, listeners: [%s]%s}}"
        .formatted(className, listeners, more);
  }

  private static final String MESH = "{name: mesh, port: 15008, protocol: HBONE}";

  private String condition(Kind kind, String name, String type) {
    Map<String, Object> status = statuses.wanted(new ObjectKey(kind, "ns", name));
    if (status == null) {
      return "none";
    }
    return condition((List<?>) status.get("conditions"), type);
  }

  static String condition(List<?> conditions, String type) {
    for (Object each : conditions) {
      Map<?, ?> condition = (Map<?, ?>) each;
      if (type.equals(condition.get("type"))) {
        return condition.get("status")
            + " "
            + condition.get("reason")
            + ": "
            + condition.get("message");
      }
    }
    return "none";
  }

  private void refuse(String document) {
    Object tree = Objects.parse(document).getFirst();
    Decoded.Refused refused = (Decoded.Refused) Decoder.decode(tree, new Origin("f.yaml", 1));
    fixture.index.apply(
        List.of(
            new ObjectChange.Refused(Objects.key(tree), refused.attempt(), refused.problems())));
  }

  @Test
  void a_gateway_of_an_unknown_class_waits_for_a_controller_and_one_of_another_is_left_alone() {
    fixture.with(gateway("nobodys", MESH, ""));
    assertThat(condition(Kind.GATEWAY, "w", "Accepted"))
        .isEqualTo(
            "Unknown Pending: Waiting for controller: there is no GatewayClass \"nobodys\"; a"
                + " waypoint has class kiri-waypoint");

    fixture.with(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: nobodys},"
            + " spec: {controllerName: example.com/c}}");
    assertThat(condition(Kind.GATEWAY, "w", "Accepted")).isEqualTo("none");
  }

  @Test
  void a_class_of_ours_lists_its_features_in_order_and_another_nothing() {
    for (String name : List.of("kiri-waypoint", "nobodys")) {
      fixture.with(
          "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: "
              + name
              + "}, spec: {controllerName: kiri.dev/mesh-controller}}");
    }

    Map<String, Object> status =
        statuses.wanted(new ObjectKey(Kind.GATEWAY_CLASS, "", "kiri-waypoint"));
    List<String> features =
        ((List<?>) java.util.Objects.requireNonNull(status).get("supportedFeatures"))
            .stream().map(feature -> (String) ((Map<?, ?>) feature).get("name")).toList();
    assertThat(features).isSorted().doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(64);
    assertThat(features)
        .contains(
            "Mesh",
            "MeshClusterIPMatching",
            "MeshConsumerRoute",
            "MeshHTTPRouteBackendRequestHeaderModification",
            "MeshHTTPRouteNamedRouteRule",
            "MeshHTTPRouteQueryParamMatching",
            "MeshHTTPRouteRedirectPath",
            "MeshHTTPRouteRedirectPort",
            "MeshHTTPRouteRewritePath",
            "MeshHTTPRouteSchemeRedirect",
            "HTTPRoute",
            "GRPCRoute");
    assertThat(statuses.wanted(new ObjectKey(Kind.GATEWAY_CLASS, "", "nobodys"))).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: mesh, port: 15008, protocol: HBONE} | '' | True Accepted: Resource accepted",
        "{name: mesh, port: 80, protocol: HTTP} | '' | False ListenersNotValid: Expected a single"
            + " listener on port 15008 with protocol \"HBONE\"",
        "{name: mesh, port: 15008, protocol: HBONE}, {name: b, port: 81, protocol: HTTP} | '' |"
            + " False ListenersNotValid: Expected a single listener on port 15008 with protocol"
            + " \"HBONE\"",
        "{name: mesh, port: 15008, protocol: HBONE} | , addresses: [{type: example.com/x, value:"
            + " a}] | False UnsupportedAddress: Failed to assign to any requested addresses",
        "{name: mesh, port: 15008, protocol: HBONE} | , infrastructure: {parametersRef: {group: '',"
            + " kind: ConfigMap, name: c}} | False InvalidParameters: parametersRef ConfigMap ns/c"
            + " does not exist",
        "{name: mesh, port: 15008, protocol: HBONE} | , infrastructure: {parametersRef: {group:"
            + " x.io, kind: P, name: c}} | False InvalidParameters: Unsupported parametersRef"
            + " group/kind x.io/P, only ConfigMap is supported"
      })
  void a_gateway_says_whether_it_is_accepted(String listeners, String more, String wanted) {
    fixture.with(gateway("kiri-waypoint", listeners, more));

    assertThat(condition(Kind.GATEWAY, "w", "Accepted")).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{kind: P, group: x.io, name: c} | False InvalidParameters: Unsupported parametersRef"
            + " group/kind x.io/P, only ConfigMap is supported",
        "{kind: ConfigMap, group: '', name: c} | False InvalidParameters: GatewayClass"
            + " kiri-waypoint spec.parametersRef.namespace: found nothing, accepted: the namespace"
            + " of the ConfigMap",
        "{kind: ConfigMap, group: '', namespace: ns, name: c} | False InvalidParameters:"
            + " parametersRef ConfigMap ns/c does not exist",
        "{kind: ConfigMap, group: '', namespace: ns, name: there} | True Accepted: Handled by Kiri"
            + " controller"
      })
  void a_class_says_whether_its_parameters_can_be_used(String reference, String wanted) {
    fixture.with(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: there, namespace: ns}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name:"
            + " kiri-waypoint}, spec: {controllerName: kiri.dev/mesh-controller, parametersRef: "
            + reference
            + "}}");

    Map<String, Object> status =
        statuses.wanted(new ObjectKey(Kind.GATEWAY_CLASS, "", "kiri-waypoint"));
    assertThat(condition((List<?>) status.get("conditions"), "Accepted")).isEqualTo(wanted);
  }

  @Test
  void a_gateway_is_programmed_when_its_service_has_an_instance_and_keeps_its_address() {
    fixture.with(gateway("istio-waypoint", MESH, ""));
    assertThat(condition(Kind.GATEWAY, "w", "Programmed"))
        .isEqualTo(
            "False AddressNotUsable: Failed to assign to any requested addresses: hostname"
                + " \"w.ns.svc.cluster.local\" not found");

    String pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: w-0, namespace: ns, labels:"
            + " {gateway.networking.k8s.io/gateway-name: w}}, spec: {}, status: {podIP: 10.0.0.9,"
            + " conditions: [{type: Ready, status: \"%s\"}]}}";
    fixture.with(
        "{apiVersion: v1, kind: Service, metadata: {name: w, namespace: ns}, spec: {clusterIP:"
            + " 10.96.0.5, ports: [{port: 15008}]}}",
        pod.formatted("True"));
    assertThat(condition(Kind.GATEWAY, "w", "Programmed"))
        .isEqualTo(
            "True Programmed: Resource programmed, assigned to service(s)"
                + " w.ns.svc.cluster.local:15008");
    assertThat(statuses.wanted(new ObjectKey(Kind.GATEWAY, "ns", "w")).get("addresses"))
        .isEqualTo(
            List.of(
                Map.of("type", "IPAddress", "value", "10.96.0.5"),
                Map.of("type", "Hostname", "value", "w.ns.svc.cluster.local")));

    fixture.with(
        gateway("istio-waypoint", MESH, "")
            .replace(
                "}}", "}, status: {addresses: [{type: Hostname, value: w.ns.svc.cluster.local}]}}"),
        pod.formatted("False"));
    assertThat(condition(Kind.GATEWAY, "w", "Programmed"))
        .startsWith("False AddressNotAssigned: ")
        .endsWith("no instances found for hostname \"w.ns.svc.cluster.local\"");
    assertThat(statuses.wanted(new ObjectKey(Kind.GATEWAY, "ns", "w")).get("addresses"))
        .isEqualTo(List.of(Map.of("type", "Hostname", "value", "w.ns.svc.cluster.local")));
  }

  @Test
  void a_refused_route_says_what_is_wrong_with_it_at_each_parent() {
    refuse(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace:"
            + " ns, generation: 4}, spec: {parentRefs: [{group: '', kind: Service, name: s}, {name:"
            + " ingress}], rules: [{timeouts: {request: soon}}]}}");

    Map<String, Object> status = statuses.wanted(new ObjectKey(Kind.HTTP_ROUTE, "ns", "r"));
    List<?> parents = (List<?>) status.get("parents");
    assertThat(parents).hasSize(1);
    Map<?, ?> parent = (Map<?, ?>) parents.getFirst();
    assertThat(condition((List<?>) parent.get("conditions"), "Accepted"))
        .isEqualTo(
            "False UnsupportedValue: spec.rules[0].timeouts.request: found \"soon\", accepted: a"
                + " duration such as 500ms, 10s, 1m30s (GEP-2257)");
    assertThat(parent.get("parentRef"))
        .isEqualTo(Map.of("group", "", "kind", "Service", "name", "s"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{rules: [{}]} | ZtunnelAccepted | True Accepted: attached to ztunnel",
        "{action: AUDIT} | ZtunnelAccepted | False UnsupportedValue: ztunnel does not support the"
            + " AUDIT action",
        "{targetRefs: [{kind: Service, group: '', name: s}]} | WaypointAccepted | False"
            + " TargetNotFound: Service ns/s was not found",
        "{targetRefs: [{kind: Service, group: '', name: s}, {kind: Service, group: '', name: t}]} |"
            + " WaypointAccepted | False Invalid: Invalid targetRefs: Service.core:ns/s,"
            + " Service.core:ns/t",
        "{selectors: {}} | ZtunnelAccepted | True UnsupportedValue: the policy cannot be read"
            + " (unknown field spec.selectors); everything in its scope is denied"
      })
  void a_policy_says_by_whom_it_is_enforced(String spec, String type, String wanted) {
    fixture.with(
        "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: p, namespace: ns}, spec: %s}"
            .formatted(spec));

    assertThat(condition(Kind.AUTHORIZATION_POLICY, "p", type)).isEqualTo(wanted);
  }

  @Test
  void a_transition_keeps_its_time_until_the_status_changes() {
    Map<String, Object> wanted =
        GatewayStatus.conditions(Condition.yes("Accepted", "Accepted", "first", 1));
    Map<String, Object> first = Transitions.merge(wanted, Map.of(), "t1");

    Map<String, Object> reworded =
        Transitions.merge(
            GatewayStatus.conditions(Condition.yes("Accepted", "Accepted", "second", 2)),
            first,
            "t2");
    Map<String, Object> turned =
        Transitions.merge(
            GatewayStatus.conditions(Condition.no("Accepted", "Invalid", "third", 3)),
            reworded,
            "t3");

    assertThat(time(first)).isEqualTo("t1");
    assertThat(time(reworded)).isEqualTo("t1");
    assertThat(time(turned)).isEqualTo("t3");
  }

  private static Object time(Map<String, Object> status) {
    return ((Map<?, ?>) ((List<?>) status.get("conditions")).getFirst()).get("lastTransitionTime");
  }

  private static String entry(String hosts) {
    return "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace: ns, generation: 3}, spec: {hosts: [%s], resolution: DYNAMIC_DNS}, status: {addresses: [{host: a.example, value: 240.240.0.1}]}}"
        .formatted(hosts);
  }

  @ParameterizedTest
  @CsvSource({
    "networking.istio.io/v1alpha3, EnvoyFilter, ENVOY_FILTER, nothing: Kiri has no Envoy to patch",
    "networking.istio.io/v1, Sidecar, SIDECAR, nothing: there are no sidecars in an ambient mesh",
    "telemetry.istio.io/v1, Telemetry, TELEMETRY, the settings of the proxies"
  })
  void an_object_that_is_not_honoured_says_so(
      String version, String name, Kind kind, String instead) {
    refuse(
        "{apiVersion: %s, kind: %s, metadata: {name: x, namespace: ns}, spec: {any: thing}}"
            .formatted(version, name));

    assertThat(condition(kind, "x", "kiri.dev/Honoured"))
        .startsWith("False NotHonoured: kind: found")
        .endsWith("/" + name + ", which cannot be honoured, accepted: " + instead);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{jwtRules: [{issuer: 'http://i'}]} | False UnsupportedValue: tokens are verified by"
            + " waypoints only: name Services or a Gateway in targetRefs",
        "{targetRefs: [{kind: Service, name: s}]} | False TargetNotFound: Service ns/s was not"
            + " found",
        "{targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: w}]} | True"
            + " Accepted: bound to ns/w",
        "{targetRefs: [{group: gateway.networking.k8s.io, kind: GatewayClass, name:"
            + " kiri-waypoint}]} | False Invalid: RequestAuthentication must be in the root"
            + " namespace `istio-system` when referencing a GatewayClass"
      })
  void a_request_authentication_says_where_tokens_are_verified(String spec, String wanted) {
    fixture
        .withWaypoint()
        .with(
            "{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: t,"
                + " namespace: ns}, spec: "
                + spec
                + "}");

    assertThat(condition(Kind.REQUEST_AUTHENTICATION, "t", "WaypointAccepted")).isEqualTo(wanted);
  }

  @Test
  void a_refused_request_authentication_says_what_is_wrong() {
    refuse(
        "{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: t,"
            + " namespace: ns}, spec: {jwtRules: [{jwksUri: x}]}}");

    assertThat(condition(Kind.REQUEST_AUTHENTICATION, "t", "WaypointAccepted"))
        .isEqualTo(
            "False Invalid: spec.jwtRules[0].jwksUri: found \"x\", accepted: a URL that begins"
                + " with http:// or https://");
  }

  @Test
  void a_service_says_why_a_canary_gets_nothing() {
    fixture.with(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace:"
            + " ns}, spec: {gatewayClassName: any, listeners: []}, status: {addresses: [{type:"
            + " Hostname, value: w}]}}",
        "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns, labels:"
            + " {istio.io/use-waypoint: w, istio.io/use-waypoint-canary: w}}, spec: {ports: [{port:"
            + " 80}]}}");

    assertThat(condition(Kind.SERVICE, "s", "istio.io/WaypointBound"))
        .isEqualTo(
            "True WaypointAccepted: Successfully attached to waypoint ns/w. Canary waypoint not"
                + " attached: canary waypoint \"ns/w\" must differ from the primary waypoint");
  }

  @Test
  void a_service_entry_says_whose_address_it_names() {
    fixture.with(
        """
        {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: victim}, spec: {}, status: {podIP: 10.1.2.3}}
        ---
        {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace: ns}, spec: {hosts: [x.example], addresses: [10.1.2.3, 10.0.0.0/8], endpoints: [{address: 10.1.2.3}], resolution: STATIC}}
        """);

    assertThat(condition(Kind.SERVICE_ENTRY, "e", "kiri.dev/AddressAccepted"))
        .isEqualTo(
            "False AddressConflict: 10.0.0.0/8 belongs to Pod victim/p in part; 10.1.2.3 belongs to"
                + " Pod victim/p, and is not found here by its address");
  }

  @Test
  void a_service_entry_says_who_has_its_host_and_which_addresses_its_hosts_were_given() {
    fixture.with(
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: ns}, spec: {}}",
        entry("web.ns.svc.cluster.local, a.example"));

    assertThat(condition(Kind.SERVICE_ENTRY, "e", "kiri.dev/HostsAccepted"))
        .isEqualTo("False HostConflict: web.ns.svc.cluster.local belongs to Service ns/web");
    assertThat(statuses.wanted(new ObjectKey(Kind.SERVICE_ENTRY, "ns", "e")))
        .containsEntry(
            "addresses",
            List.of(
                given("web.ns.svc.cluster.local", "240.240.0.2"),
                given("web.ns.svc.cluster.local", "2001:2::1"),
                given("a.example", "240.240.0.1"),
                given("a.example", "2001:2::2")));
  }

  private static Map<String, String> given(String host, String value) {
    return Map.of("host", host, "value", value);
  }

  @Test
  void a_wildcard_service_entry_without_a_waypoint_says_that_it_needs_one() {
    fixture.with(entry("'*.example'"));

    assertThat(condition(Kind.SERVICE_ENTRY, "e", "istio.io/WaypointMissing"))
        .isEqualTo(
            "True NoWaypointForWildcardService: ServiceEntry will not apply until it is bound to a"
                + " valid waypoint.");
  }

  @Test
  void a_refused_service_entry_says_why() {
    refuse(entry("'*'"));

    assertThat(condition(Kind.SERVICE_ENTRY, "e", "kiri.dev/HostsAccepted"))
        .startsWith("False Invalid: spec.hosts[0]: found \"*\"");
  }

  private static String workloadEntry(String address) {
    return "{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: vm, namespace: ns}, spec: {address: %s}}"
        .formatted(address);
  }

  @Test
  void an_entry_that_names_an_address_of_somebody_else_says_whose_it_is() {
    fixture.with(
        "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a}, spec: {}, status: {podIP:"
            + " 10.0.0.1}}",
        workloadEntry("10.0.0.1"),
        "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace:"
            + " ns}, spec: {hosts: [a.example], resolution: STATIC, endpoints: [{address:"
            + " 10.0.0.1}]}}");

    String wanted =
        "False AddressConflict: 10.0.0.1 belongs to Pod a/p, and is not found here by its address";
    assertThat(condition(Kind.WORKLOAD_ENTRY, "vm", "kiri.dev/AddressAccepted")).isEqualTo(wanted);
    assertThat(condition(Kind.SERVICE_ENTRY, "e", "kiri.dev/AddressAccepted")).isEqualTo(wanted);

    fixture.with(workloadEntry("10.0.0.2"));
    assertThat(condition(Kind.WORKLOAD_ENTRY, "vm", "kiri.dev/AddressAccepted")).isEqualTo("none");
  }

  @Test
  void a_refused_workload_entry_says_why() {
    refuse(workloadEntry("'not a name'"));

    assertThat(condition(Kind.WORKLOAD_ENTRY, "vm", "kiri.dev/AddressAccepted"))
        .startsWith("False Invalid: spec.address: found \"not a name\"");
  }
}
