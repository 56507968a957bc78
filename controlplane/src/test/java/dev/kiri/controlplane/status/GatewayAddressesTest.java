package dev.kiri.controlplane.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.waypointconfig.WaypointConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Waypoints that somebody else deploys: `spec.addresses` names the Services in front of them
/// (controlplane.md 9.2, 10).
class GatewayAddressesTest {
  private final IndexFixture fixture = new IndexFixture();
  private final Statuses statuses = new Statuses(fixture.index, new WaypointConfig(fixture.index));

  private static String gateway(String... hostnames) {
    return """
    {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace: ns},
     spec: {gatewayClassName: kiri-waypoint, addresses: [%s],
            listeners: [{name: mesh, port: 15008, protocol: HBONE}]}}
    """
        .formatted(
            String.join(
                ", ",
                List.of(hostnames).stream()
                    .map(name -> "{type: Hostname, value: " + name + "}")
                    .toList()));
  }

  private static String service(String namespace, String name, int port, String address) {
    return "{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: %s}, spec: {clusterIP: %s, selector: {app: %s}, ports: [{port: %d}]}}"
        .formatted(name, namespace, address, name, port);
  }

  private static String pod(String app, String ready) {
    return "{apiVersion: v1, kind: Pod, metadata: {name: %s-0, namespace: ns, labels: {app: %s}}, spec: {}, status: {podIP: 10.0.0.9, conditions: [{type: Ready, status: \"%s\"}]}}"
        .formatted(app, app, ready);
  }

  private Map<String, Object> status() {
    return Objects.requireNonNull(statuses.wanted(new ObjectKey(Kind.GATEWAY, "ns", "w")));
  }

  private String programmed() {
    return StatusesTest.condition((List<?>) status().get("conditions"), "Programmed");
  }

  @Test
  void a_named_service_counts_once_a_pod_that_it_selects_is_ready() {
    fixture.with(gateway("own.ns.svc.cluster.local"), service("ns", "own", 15008, "10.96.0.7"));
    assertThat(programmed())
        .isEqualTo(
            "False AddressNotAssigned: Failed to assign to any requested addresses: no instances"
                + " found for hostname \"own.ns.svc.cluster.local\"");
    assertThat(status()).doesNotContainKey("addresses");

    fixture.with(pod("own", "False"), pod("else", "True"));
    assertThat(programmed()).startsWith("False AddressNotAssigned");

    fixture.with(pod("own", "True"));
    assertThat(programmed())
        .isEqualTo(
            "True Programmed: Resource programmed, assigned to service(s)"
                + " own.ns.svc.cluster.local:15008");
    assertThat(status().get("addresses"))
        .isEqualTo(
            List.of(
                Map.of("type", "IPAddress", "value", "10.96.0.7"),
                Map.of("type", "Hostname", "value", "own.ns.svc.cluster.local")));
  }

  @Test
  void a_name_without_dots_is_a_service_of_the_gateways_namespace() {
    fixture.with(gateway("own"), service("ns", "own", 15008, "10.96.0.7"), pod("own", "True"));

    assertThat(programmed()).endsWith("assigned to service(s) own.ns.svc.cluster.local:15008");
  }

  @Test
  void a_service_of_another_namespace_one_without_the_port_and_none_are_told_apart() {
    fixture.with(
        gateway("far.other.svc.cluster.local", "odd.ns.svc.cluster.local", "example.com"),
        service("other", "far", 15008, "10.96.0.7"),
        service("ns", "odd", 80, "10.96.0.8"));

    assertThat(programmed())
        .isEqualTo(
            "False AddressNotUsable: Failed to assign to any requested addresses: hostname"
                + " \"far.other.svc.cluster.local\" not found in namespace \"ns\", but it was found"
                + " in namespace(s) \"other\"; port 15008 not found for hostname"
                + " \"odd.ns.svc.cluster.local\"; hostname \"example.com\" not found");
  }

  @Test
  void what_can_be_assigned_is_also_when_something_else_cannot() {
    fixture.with(
        gateway("a", "b", "c"),
        service("ns", "a", 15008, "10.96.0.7"),
        service("ns", "b", 15008, "10.96.0.8"),
        pod("a", "True"),
        pod("b", "True"));

    assertThat(programmed())
        .isEqualTo(
            "False AddressNotUsable: Assigned to service(s) a.ns.svc.cluster.local:15008 and"
                + " b.ns.svc.cluster.local:15008, but failed to assign to all requested addresses:"
                + " hostname \"c.ns.svc.cluster.local\" not found");
    assertThat((List<?>) status().get("addresses")).hasSize(4);
  }
}
