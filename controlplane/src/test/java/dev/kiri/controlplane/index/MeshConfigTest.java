package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.Service;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the mesh's configuration changes (controlplane.md 1, 4.2, 4.4).
class MeshConfigTest {
  private final IndexFixture fixture = new IndexFixture();

  private static String mesh(String namespace, String mesh) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: %s}, data: {mesh: '%s'}}"
        .formatted(namespace, mesh);
  }

  private static String namespace(String name, String labels) {
    return "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}"
        .formatted(name, labels);
  }

  private static String pod(String namespace) {
    return "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: %s}, spec: {}, status: {podIP: 10.0.0.1}}"
        .formatted(namespace);
  }

  private static String entry(String namespace, int day, String labels) {
    return "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace: %s, creationTimestamp: '2026-01-0%dT00:00:00Z', labels: {%s}}, spec: {hosts: [x.example], resolution: DNS, ports: [{number: 80, name: http}]}}"
        .formatted(namespace, day, labels);
  }

  private Service service(String namespace) throws Exception {
    var found = fixture.address(namespace + "/x.example");
    return found == null ? null : Address.parseFrom(found.bytes()).getService();
  }

  private static final String SELECTING = "discoverySelectors: [{matchLabels: {mesh: on}}]";

  @Test
  void objects_count_only_where_a_discovery_selector_matches_their_namespace() throws Exception {
    fixture.with(namespace("in", "mesh: on"), namespace("out", ""), pod("in"), pod("out"));
    assertThat(fixture.workload("out", "p")).isNotNull();

    fixture.with(mesh("istio-system", SELECTING));
    assertThat(fixture.workload("in", "p")).isNotNull();
    assertThat(fixture.workload("out", "p")).isNull();

    fixture.with(namespace("out", "mesh: on"), namespace("in", "mesh: off"));
    assertThat(fixture.workload("in", "p")).isNull();
    assertThat(fixture.workload("out", "p")).isNotNull();
  }

  @Test
  void what_happens_where_nothing_counts_is_there_when_it_does() throws Exception {
    fixture.with(mesh("istio-system", SELECTING), pod("a"), pod("b"));
    assertThat(fixture.workload("a", "p")).isNull();

    fixture.without(pod("b")).without(mesh("istio-system", SELECTING));
    assertThat(fixture.workload("a", "p")).isNotNull();
    assertThat(fixture.workload("b", "p")).isNull();
  }

  @Test
  void the_root_namespace_always_counts_and_another_namespaces_config_map_never() throws Exception {
    fixture.with(mesh("elsewhere", SELECTING), pod("a"));
    assertThat(fixture.workload("a", "p")).isNotNull();

    fixture.with(mesh("istio-system", SELECTING), pod("istio-system"));
    assertThat(fixture.workload("istio-system", "p")).isNotNull();
  }

  @Test
  void a_refusal_in_a_namespace_that_does_not_count_leaves_what_was_in_force() throws Exception {
    fixture.with(pod("a"), mesh("istio-system", SELECTING));
    ObjectKey key = new ObjectKey(Kind.POD, "a", "p");
    fixture.index.apply(List.of(new ObjectChange.Refused(key, null, List.<Problem>of())));
    fixture.without(mesh("istio-system", SELECTING));

    assertThat(fixture.workload("a", "p")).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // configuration | visibility of the older in a | canonical | of the younger in b |
        // canonical
        "'' | PUBLIC | true | PUBLIC | false",
        "'serviceEntryVisibility: {defaultVisibility: NAMESPACE}' | NAMESPACE | false | NAMESPACE |"
            + " false",
        "'serviceEntryVisibility: {defaultVisibility: NAMESPACE, policies: [{visibility: PUBLIC,"
            + " matchingRules: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name:"
            + " b}}}]}]}' | NAMESPACE | false | PUBLIC | true",
        "'serviceEntryVisibility: {policies: [{visibility: NONE, matchingRules:"
            + " [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: a}}}]}]}' | none |"
            + " false | PUBLIC | true"
      })
  void who_may_see_a_host_decides_whom_others_mean_by_it(
      String mesh, String first, boolean firstCanonical, String second, boolean secondCanonical)
      throws Exception {
    fixture.with(
        mesh("istio-system", mesh),
        namespace("a", ""),
        namespace("b", ""),
        entry("a", 1, ""),
        entry("b", 2, ""));

    Service a = service("a");
    assertThat(a == null ? "none" : a.getVisibility().name()).isEqualTo(first);
    assertThat(a != null && a.getCanonical()).isEqualTo(firstCanonical);
    assertThat(service("b").getVisibility().name()).isEqualTo(second);
    assertThat(service("b").getCanonical()).isEqualTo(secondCanonical);
  }

  @Test
  void an_entry_for_its_namespace_has_no_waypoint_of_another() throws Exception {
    fixture
        .with(
            "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w,"
                + " namespace: infra}, spec: {gatewayClassName: any, listeners: [{name: mesh, port:"
                + " 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: All}}}]}, status:"
                + " {addresses: [{type: Hostname, value: w}]}}",
            entry("a", 1, "istio.io/use-waypoint: w, istio.io/use-waypoint-namespace: infra"))
        .index
        .apply(List.of());
    assertThat(service("a").hasWaypoint()).isTrue();

    fixture.with(mesh("istio-system", "serviceEntryVisibility: {defaultVisibility: NAMESPACE}"));
    assertThat(service("a").hasWaypoint()).isFalse();
    assertThat(((Binding.Denied) fixture.index.entryBindings().rows().get("a/e")).message())
        .isEqualTo(
            "cannot bind to waypoint \"infra/w\" in another namespace: cross-namespace waypoint"
                + " binding is not permitted for a ServiceEntry with NAMESPACE visibility");
  }

  @Test
  void what_would_need_a_restart_is_said() {
    fixture.with(mesh("istio-system", "{trustDomain: other.example, rootNamespace: istio-system}"));

    assertThat(fixture.index.meshFindings().rows().values())
        .containsExactly(
            List.of(
                "ConfigMap istio-system/istio: data.mesh.trustDomain: found \"other.example\","
                    + " accepted: \"cluster.local\", with which the control plane runs until a"
                    + " restart"));
  }
}
