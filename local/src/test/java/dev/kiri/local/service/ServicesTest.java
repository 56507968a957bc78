package dev.kiri.local.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServicesTest {
  private static KubeObject object(String yaml) {
    return KubeObject.of(KubeObject.asMap(Yaml.documents("test", yaml).getFirst()));
  }

  private static KubeObject pod(String name, String address, boolean ready) {
    return object(
        """
        kind: Pod
        metadata: {name: %s, namespace: shop, uid: u-%s, labels: {app: web}}
        spec: {nodeName: node-1, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
        status: {podIPs: [{ip: %s}], conditions: [{type: Ready, status: "%s"}]}
        """
            .formatted(name, name, address, ready ? "True" : "False"));
  }

  private final KubeObject service =
      ServiceAddresses.complete(
          object(
              "{kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web},"
                  + " ports: [{port: 80, targetPort: http}]}}"),
          List.of());

  @Test
  void gives_a_service_an_address_of_the_range() {
    assertThat(service.text("spec", "clusterIP")).startsWith("10.96.");
    assertThat(service.text("spec", "type")).isEqualTo("ClusterIP");
    assertThat(ServiceAddresses.complete(service, List.of(service))).isEqualTo(service);
  }

  @Test
  void gives_a_dual_stack_service_two_addresses() {
    var dual =
        ServiceAddresses.complete(
            object(
                "{kind: Service, metadata: {name: web}, spec: {ipFamilyPolicy: PreferDualStack,"
                    + " ports: [{port: 80}]}}"),
            List.of());

    assertThat(KubeObject.textsOf(dual.at("spec", "clusterIPs")))
        .hasSize(2)
        .anyMatch(a -> a.startsWith("fd00:10:96::"));
  }

  @Test
  void leaves_a_headless_service_without() {
    var headless =
        ServiceAddresses.complete(
            object(
                "{kind: Service, metadata: {name: db}, spec: {clusterIP: None, selector: {app:"
                    + " db}}}"),
            List.of());

    assertThat(KubeObject.textsOf(headless.at("spec", "clusterIPs"))).containsExactly("None");
  }

  @Test
  void makes_endpoints_from_pods_and_marks_the_unready() {
    var slices =
        EndpointPlanner.slices(
            service,
            List.of(pod("a", "10.244.1.2", true), pod("b", "10.244.1.3", false)),
            Map.of());

    assertThat(slices).hasSize(1);
    var endpoints = slices.getFirst().maps("endpoints");
    assertThat(endpoints)
        .extracting(e -> KubeObject.in(e, "conditions", "ready"))
        .containsExactly(true, false);
    assertThat(slices.getFirst().maps("ports").getFirst()).containsEntry("port", 8080);
  }

  @Test
  void publishes_unready_addresses_on_request() {
    var publishing = service.with(true, "spec", "publishNotReadyAddresses");

    var slice =
        EndpointPlanner.slices(publishing, List.of(pod("b", "10.244.1.3", false)), Map.of())
            .getFirst();

    assertThat(KubeObject.in(slice.maps("endpoints").getFirst(), "conditions", "ready"))
        .isEqualTo(true);
  }

  @Test
  void translates_to_ready_backends_only() {
    var slices =
        EndpointPlanner.slices(
            service,
            List.of(pod("a", "10.244.1.2", true), pod("b", "10.244.1.3", false)),
            Map.of());

    var rules = TranslationRules.text(Backends.of(List.of(service), slices), "node-1", List.of());

    assertThat(rules).contains("10.244.1.2 . 8080").doesNotContain("10.244.1.3");
  }

  @Test
  void refuses_at_once_where_nothing_is_ready() {
    var rules =
        TranslationRules.text(Backends.of(List.of(service), List.of()), "node-1", List.of());

    assertThat(rules)
        .contains("reject with icmpx port-unreachable comment \"shop/web has no endpoints\"");
  }

  @Test
  void keeps_node_local_traffic_on_its_node() {
    var local = service.with("Local", "spec", "internalTrafficPolicy");
    var slices = EndpointPlanner.slices(local, List.of(pod("a", "10.244.1.2", true)), Map.of());
    var backends = Backends.of(List.of(local), slices);

    assertThat(TranslationRules.text(backends, "node-1", List.of())).contains("dnat");
    assertThat(TranslationRules.text(backends, "node-2", List.of())).doesNotContain("dnat ip");
  }
}
