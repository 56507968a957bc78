package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who uses which waypoint (controlplane.md 5).
class BindingTest {
  private static String gateway(
      String namespace, String name, String labels, String from, String address) {
    return "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: %s, namespace: %s, labels: {%s}}, spec: {gatewayClassName: any, listeners: [{name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: %s}}]}, status: %s}"
        .formatted(name, namespace, labels, from, address);
  }

  private static final String ADDRESS =
      "{addresses: [{type: IPAddress, value: 10.96.0.1}, {type: Hostname, value:"
          + " w.ns.svc.cluster.local}]}";

  private static String namespace(String name, String labels) {
    return "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}"
        .formatted(name, labels);
  }

  private static String service(String labels) {
    return "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns, labels: {%s}}, spec: {clusterIP: 10.96.0.2, ports: [{port: 80}]}}"
        .formatted(labels);
  }

  private static String pod(String labels) {
    return "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, labels: {%s}}, spec: {}, status: {podIP: 10.0.0.1}}"
        .formatted(labels);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // namespace's label | service's label | waypoint-for | from | status | bound or reason
        "'' | istio.io/use-waypoint: w | service | {from: Same} | ready | bound",
        "istio.io/use-waypoint: w | '' | service | {from: Same} | ready | bound",
        "istio.io/use-waypoint: w | istio.io/use-waypoint: none | service | {from: Same} | ready |"
            + " unbound",
        "'' | '' | service | {from: Same} | ready | unbound",
        "istio.io/use-waypoint: w | istio.io/use-waypoint: other | service | {from: Same} | ready |"
            + " WaypointDoesNotExist",
        "istio.io/use-waypoint: w | '' | service | {from: Same} | {} | WaypointIsNotReady",
        "istio.io/use-waypoint: w | '' | workload | {from: Same} | ready | UnsupportedTrafficType",
        "istio.io/use-waypoint: w | '' | all | {from: Same} | ready | bound",
        "istio.io/use-waypoint: w | '' | none | {from: Same} | ready | UnsupportedTrafficType",
        "istio.io/use-waypoint: w | gateway.istio.io/managed: istio.io-mesh-controller | service |"
            + " {from: Same} | ready | unbound"
      })
  void a_service_is_bound_by_its_label_or_its_namespaces(
      String namespaceLabel, String label, String type, String from, String status, String wanted) {
    IndexFixture index =
        new IndexFixture()
            .with(
                namespace("ns", namespaceLabel),
                service(label),
                gateway(
                    "ns",
                    "w",
                    "istio.io/waypoint-for: " + type,
                    from,
                    status.equals("ready") ? ADDRESS : status));

    Binding binding = index.index.serviceBindings().rows().get("ns/s");
    String found =
        switch (binding) {
          case Binding.Bound _ -> "bound";
          case Binding.Unbound() -> "unbound";
          case Binding.Denied denied -> denied.reason().name();
        };
    assertThat(found).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{from: Same} | '' | false",
        "{from: All} | '' | true",
        "{from: Selector, selector: {matchLabels: {team: a}}} | , team: a | true",
        "{from: Selector, selector: {matchLabels: {team: a}}} | , team: b | false"
      })
  void another_namespace_needs_the_listeners_permission(String from, String labels, boolean bound)
      throws Exception {
    IndexFixture index =
        new IndexFixture()
            .with(
                namespace(
                    "ns",
                    "istio.io/use-waypoint: w, istio.io/use-waypoint-namespace: infra" + labels),
                service(""),
                gateway("infra", "w", "", from, ADDRESS));

    assertThat(index.service("ns", "s").hasWaypoint()).isEqualTo(bound);
    if (!bound) {
      assertThat(((Binding.Denied) index.index.serviceBindings().rows().get("ns/s")).message())
          .isEqualTo(
              "we are not permitted to attach to waypoint \"infra/w\" (missing allowedRoutes?)");
    }
  }

  private static final String CANARY = "istio.io/use-waypoint: w, istio.io/use-waypoint-canary: c";

  private static String labelled(String labels, String weight) {
    return "labels: {"
        + labels
        + "}"
        + (weight.isEmpty()
            ? ""
            : ", annotations: {istio.io/use-waypoint-canary-weight: '" + weight + "'}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // labels of the service | weight | labels of the namespace | weight | shares, or the
        // problem
        CANARY + " | 20 | '' | '' | w 80 c 20",
        CANARY + " | '' | '' | '' | w 100 c 0",
        CANARY + " | 100 | '' | '' | w 0 c 100",
        "'' | '' | " + CANARY + " | 5 | w 95 c 5",
        "istio.io/use-waypoint: w | '' | " + CANARY + " | 5 | none",
        CANARY
            + " | 101 | '' | '' | canary waypoint \"ns/c\" has an invalid weight; must be an"
            + " integer in [0,100]",
        CANARY
            + " | -1 | '' | '' | canary waypoint \"ns/c\" has an invalid weight; must be an integer"
            + " in [0,100]",
        "istio.io/use-waypoint: w, istio.io/use-waypoint-canary: w | 5 | '' | '' | canary waypoint"
            + " \"ns/w\" must differ from the primary waypoint",
        "istio.io/use-waypoint: w, istio.io/use-waypoint-canary: gone | 5 | '' | '' | waypoint"
            + " \"ns/gone\" does not exist",
        CANARY
            + ", istio.io/use-waypoint-canary-namespace: infra | 5 | '' | '' | we are not permitted"
            + " to attach to waypoint \"infra/c\" (missing allowedRoutes?)"
      })
  void a_canary_gets_its_share_or_leaves_the_first_waypoint_alone(
      String labels, String weight, String namespaceLabels, String namespaceWeight, String wanted)
      throws Exception {
    IndexFixture index =
        new IndexFixture()
            .with(
                "{apiVersion: v1, kind: Namespace, metadata: {name: ns, "
                    + labelled(namespaceLabels, namespaceWeight)
                    + "}}",
                "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns, "
                    + labelled(labels, weight)
                    + "}, spec: {clusterIP: 10.96.0.2, ports: [{port: 80}]}}",
                gateway("ns", "w", "", "{}", ADDRESS),
                gateway("ns", "c", "", "{}", ADDRESS.replace("w.ns", "c.ns")),
                gateway("infra", "c", "", "{}", ADDRESS));

    var service = index.service("ns", "s");
    assertThat(service.getWaypoint().getHostname().getHostname()).startsWith("w.");
    var bound = (Binding.Bound) index.index.serviceBindings().rows().get("ns/s");
    String shares =
        service.getWeightedWaypointsList().stream()
            .map(
                each ->
                    each.getDestination().getHostname().getHostname().charAt(0)
                        + " "
                        + each.getWeight())
            .collect(Collectors.joining(" "));
    assertThat(
            switch (bound.canary()) {
              case Binding.Canary.None() -> "none";
              case Binding.Canary.Attached _ -> shares;
              case Binding.Canary.Failed(String message) -> message;
            })
        .isEqualTo(wanted);
    assertThat(shares.isEmpty()).isNotEqualTo(bound.canary() instanceof Binding.Canary.Attached);
  }

  @Test
  void a_hostname_is_preferred_to_an_address() throws Exception {
    IndexFixture index =
        new IndexFixture()
            .with(
                namespace("ns", "istio.io/use-waypoint: w"),
                service(""),
                gateway("ns", "w", "", "{}", ADDRESS));

    var waypoint = index.service("ns", "s").getWaypoint();
    assertThat(waypoint.getHostname().getHostname()).isEqualTo("w.ns.svc.cluster.local");
    assertThat(waypoint.getHboneMtlsPort()).isEqualTo(15008);
  }

  @Test
  void a_pod_needs_a_waypoint_for_workloads_and_an_instance_of_one_never_has_any()
      throws Exception {
    String ns = namespace("ns", "istio.io/use-waypoint: w");
    String all = gateway("ns", "w", "istio.io/waypoint-for: all", "{}", ADDRESS);

    assertThat(new IndexFixture().with(ns, pod(""), all).workload("ns", "p").hasWaypoint())
        .isTrue();
    assertThat(
            new IndexFixture()
                .with(ns, pod(""), gateway("ns", "w", "", "{}", ADDRESS))
                .workload("ns", "p")
                .hasWaypoint())
        .isFalse();
    assertThat(
            new IndexFixture()
                .with(ns, pod("gateway.networking.k8s.io/gateway-name: w"), all)
                .workload("ns", "p")
                .hasWaypoint())
        .isFalse();
  }

  @Test
  void the_class_gives_the_default_of_the_traffic_type() throws Exception {
    IndexFixture index =
        new IndexFixture()
            .with(
                namespace("ns", "istio.io/use-waypoint: w"),
                pod(""),
                gateway("ns", "w", "", "{}", ADDRESS),
                "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name:"
                    + " any, labels: {istio.io/waypoint-for: workload}}, spec: {controllerName:"
                    + " example.com/c}}");

    assertThat(index.workload("ns", "p").hasWaypoint()).isTrue();
  }

  @Test
  void a_waypoint_that_goes_leaves_its_users_unbound() throws Exception {
    String gateway = gateway("ns", "w", "", "{}", ADDRESS);
    IndexFixture index =
        new IndexFixture()
            .with(namespace("ns", "istio.io/use-waypoint: w"), service(""), gateway)
            .without(gateway);

    assertThat(index.service("ns", "s").hasWaypoint()).isFalse();
  }
}
