package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WaypointListTest {
  private static final String WAYPOINTS =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: waypoint, namespace: shop, labels: {istio.io/rev: canary}}
      spec: {gatewayClassName: istio-waypoint}
      status: {conditions: [{type: Accepted, status: "True"}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: shop-waypoint, namespace: shop, labels: {istio.io/waypoint-for: all}}
      spec: {gatewayClassName: kiri-waypoint}
      status: {conditions: [{type: Programmed, status: "True"}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: waypoint, namespace: pay, labels: {istio.io/waypoint-for: service}}
      spec: {gatewayClassName: kiri-waypoint}
      status: {conditions: [{type: Programmed, status: "True"}]}
      """;
  private static final String INGRESS =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: ingress, namespace: shop}
      spec: {gatewayClassName: istio}
      """;

  @Test
  void shows_one_namespace_without_naming_it() {
    var result = Cli.on(new FakeCluster().with(WAYPOINTS)).run("waypoint list -n shop");

    assertThat(result.out())
        .isEqualTo(
            """
            NAME              REVISION     TRAFFIC TYPE     PROGRAMMED
            shop-waypoint     default      all              True
            waypoint          canary       none             False
            """);
  }

  @Test
  void shows_all_namespaces_and_no_gateway_that_is_no_waypoint() {
    var cluster = new FakeCluster().with(WAYPOINTS).with(INGRESS);

    assertThat(Cli.on(cluster).run("waypoint list -A").out())
        .isEqualTo(
            """
            NAMESPACE     NAME              REVISION     TRAFFIC TYPE     PROGRAMMED
            pay           waypoint          default      service          True
            shop          shop-waypoint     default      all              True
            shop          waypoint          canary       none             False
            """);
  }

  @Test
  void says_so_when_there_is_none() {
    assertThat(Cli.on(new FakeCluster()).run("waypoint list").out())
        .isEqualTo("No waypoints found.\n");
  }

  @Test
  void shows_a_header_alone_where_only_other_gateways_are() {
    assertThat(Cli.on(new FakeCluster().with(INGRESS)).run("waypoint list -n shop").out())
        .isEqualTo("NAME     REVISION     TRAFFIC TYPE     PROGRAMMED\n");
  }

  @Test
  void tells_the_traffic_type_that_holds_as_json() {
    var result = Cli.on(new FakeCluster().with(WAYPOINTS)).run("waypoint list -n shop -o json");

    assertThat(result.out())
        .contains("    {\n        \"namespace\": \"shop\",\n        \"name\": \"waypoint\",")
        .contains("\"trafficType\": \"service\"");
  }

  @Test
  void deletes_by_name_only_waypoints() {
    var cluster = new FakeCluster().with(WAYPOINTS).with(INGRESS);

    var result = Cli.on(cluster).run("waypoint delete -n shop waypoint ingress other");

    assertThat(result.out())
        .isEqualTo(
            """
            waypoint shop/ingress not found
            waypoint shop/other not found
            waypoint shop/waypoint deleted
            """);
    assertThat(cluster.list("Gateway", "shop"))
        .extracting(gateway -> gateway.name())
        .containsExactly("ingress", "shop-waypoint");
    assertThat(result.code()).isZero();
  }

  @Test
  void deletes_all_of_a_namespace_but_other_gateways() {
    var cluster = new FakeCluster().with(WAYPOINTS).with(INGRESS);

    var result = Cli.on(cluster).run("waypoint delete -n shop --all");

    assertThat(result.out())
        .isEqualTo("waypoint shop/shop-waypoint deleted\nwaypoint shop/waypoint deleted\n");
    assertThat(cluster.list("Gateway", "")).hasSize(2);
  }

  @Test
  void deletes_those_of_a_revision() {
    var cluster = new FakeCluster().with(WAYPOINTS);

    assertThat(Cli.on(cluster).run("waypoint delete -n shop --revision canary").out())
        .isEqualTo("waypoint shop/waypoint deleted\n");
  }

  @Test
  void wants_to_know_exactly_what_to_delete() {
    var cli = Cli.on(new FakeCluster().with(WAYPOINTS));

    assertThat(cli.run("waypoint delete").err())
        .isEqualTo(
            "Error: must specify a waypoint name or delete all using --all or delete specific"
                + " revision using --revision\n");
    assertThat(cli.run("waypoint delete --all waypoint").err())
        .isEqualTo("Error: cannot specify waypoint names when deleting all waypoints\n");
  }
}
