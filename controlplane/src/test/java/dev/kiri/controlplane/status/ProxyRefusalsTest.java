package dev.kiri.controlplane.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.waypointconfig.WaypointConfig;
import dev.kiri.controlplane.xds.Refusals.Refusal;
import dev.kiri.controlplane.xds.Refusals.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A NACK is said by the object that the refused resource was made of.
class ProxyRefusalsTest {
  private static final Refusal NODE_1 = new Refusal("istio-system", "ztunnel-node-1", "too long");
  private static final Refusal NODE_2 = new Refusal("istio-system", "ztunnel-node-2", "too long");
  private static final Refusal WAYPOINT = new Refusal("ns", "w-0", "no such filter");

  private final IndexFixture fixture = new IndexFixture();
  private final Statuses statuses = new Statuses(fixture.index, new WaypointConfig(fixture.index));

  @BeforeEach
  void a_mesh() {
    fixture.with(
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: ns}, spec: {clusterIP:"
            + " 10.96.0.5, ports: [{port: 80}]}}",
        "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: p,"
            + " namespace: ns}, spec: {action: ALLOW}}",
        "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: m,"
            + " namespace: ns}, spec: {selector: {matchLabels: {app: web}}, mtls: {mode: STRICT},"
            + " portLevelMtls: {80: {mode: PERMISSIVE}}}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace:"
            + " ns}, spec: {parentRefs: [{kind: Service, group: '', name: web}]}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace:"
            + " ns}, spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008,"
            + " protocol: HBONE}]}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: w-0, namespace: ns, labels:"
            + " {gateway.networking.k8s.io/gateway-name: w}}, spec: {}, status: {podIP:"
            + " 10.0.0.9}}");
  }

  private void refused(String type, String name, Refusal... by) {
    statuses.proxies().take(Map.of(new Resource(type, name), List.of(by)));
  }

  /// The condition's text wherever it stands, `none` where it does not.
  private String said(Kind kind, String name) {
    Map<String, Object> status = statuses.wanted(new ObjectKey(kind, "ns", name));
    List<Object> conditions = new ArrayList<>();
    if (status != null && status.get("conditions") instanceof List<?> own) {
      conditions.addAll(own);
    }
    if (status != null && status.get("parents") instanceof List<?> parents) {
      parents.forEach(each -> conditions.addAll((List<?>) ((Map<?, ?>) each).get("conditions")));
    }
    return StatusesTest.condition(conditions, "kiri.dev/ProxyAccepted");
  }

  @ParameterizedTest
  @CsvSource({
    "istio.security.Authorization, ns/p, AUTHORIZATION_POLICY, p",
    "istio.security.Authorization, ns/converted_peer_authentication_m, PEER_AUTHENTICATION, m",
    "istio.workload.Address, ns/web.ns.svc.cluster.local, SERVICE, web",
    "kiri.waypoint.v1.Resource, HTTPRoute/ns/r, HTTP_ROUTE, r",
    "kiri.waypoint.v1.Resource, Gateway/ns/w, GATEWAY, w",
  })
  void the_object_says_who_refuses_it_and_why(
      String type, String resource, Kind kind, String name) {
    refused("type.googleapis.com/" + type, resource, NODE_1);

    assertThat(said(kind, name))
        .isEqualTo("False Rejected: istio-system/ztunnel-node-1 refuses it: too long");
  }

  @Test
  void several_proxies_are_named_and_counted() {
    refused(WellKnown.AUTHORIZATION_TYPE, "ns/p", NODE_1, NODE_2);
    assertThat(said(Kind.AUTHORIZATION_POLICY, "p"))
        .isEqualTo(
            "False Rejected: istio-system/ztunnel-node-1, istio-system/ztunnel-node-2 refuse it:"
                + " too long");

    refused(WellKnown.AUTHORIZATION_TYPE, "ns/p", NODE_1, NODE_2, NODE_1, NODE_2, NODE_1);
    assertThat(said(Kind.AUTHORIZATION_POLICY, "p")).contains(" and 2 more refuse it: ");
  }

  @Test
  void the_gateway_of_a_waypoint_says_what_it_refuses() {
    refused(WellKnown.WAYPOINT_TYPE, "HTTPRoute/ns/r", WAYPOINT);

    assertThat(said(Kind.HTTP_ROUTE, "r"))
        .isEqualTo("False Rejected: ns/w-0 refuses it: no such filter");
    assertThat(said(Kind.GATEWAY, "w"))
        .isEqualTo("False Rejected: w-0 refuses HTTPRoute ns/r: no such filter");
  }

  @Test
  void nothing_is_said_any_more_once_it_is_accepted() {
    refused(WellKnown.WAYPOINT_TYPE, "HTTPRoute/ns/r", WAYPOINT);

    statuses.proxies().take(Map.of());

    assertThat(said(Kind.HTTP_ROUTE, "r")).isEqualTo("none");
    assertThat(said(Kind.GATEWAY, "w")).isEqualTo("none");
  }

  @Test
  void a_refusal_that_names_no_object_is_said_by_the_gateway_alone() {
    refused(WellKnown.WAYPOINT_TYPE, "", WAYPOINT);

    assertThat(said(Kind.GATEWAY, "w"))
        .isEqualTo("False Rejected: w-0 refuses a response: no such filter");
  }
}
