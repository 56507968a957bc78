package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WaypointStatusTest {
  private static final String PAY =
      """
      kind: Gateway
      metadata: {name: waypoint, namespace: pay}
      spec: {gatewayClassName: kiri-waypoint}
      status:
        conditions:
        - {type: Accepted, status: "True", reason: Accepted, message: fine}
        - {type: Programmed, status: "True", reason: Programmed, message: "Resource programmed, assigned to service(s) waypoint.pay.svc.cluster.local:15008"}
        - {type: Other, status: "False"}
      """;
  private static final String SHOP =
      """
      kind: Gateway
      metadata: {name: waypoint, namespace: shop}
      spec: {gatewayClassName: kiri-waypoint}
      status:
        conditions:
        - {type: Programmed, status: Unknown, reason: Pending, message: Waiting for controller}
      """;

  @Test
  void shows_the_condition_that_tells() {
    assertThat(Cli.on(new FakeCluster().with(PAY)).run("waypoint status -n pay").out())
        .isEqualTo(
            """
            NAME         STATUS     TYPE           REASON         MESSAGE
            waypoint     True       Programmed     Programmed     Resource programmed, assigned to service(s) waypoint.pay.svc.cluster.local:15008
            """);
  }

  @Test
  void shows_what_a_programmed_waypoint_refuses() {
    var refusal =
        """
          - {type: kiri.dev/ProxyAccepted, status: "False", reason: Rejected, message: "w-0 refuses HTTPRoute pay/r: no"}
        """;

    assertThat(Cli.on(new FakeCluster().with(PAY + refusal)).run("waypoint status -n pay").out())
        .isEqualTo(
            """
            NAME         STATUS     TYPE                       REASON       MESSAGE
            waypoint     False      kiri.dev/ProxyAccepted     Rejected     w-0 refuses HTTPRoute pay/r: no
            """);
  }

  @Test
  void shows_every_namespace_at_once_when_not_told_to_wait() {
    var cluster = new FakeCluster().with(PAY).with(SHOP);

    assertThat(Cli.on(cluster).run("waypoint status -A --wait=false").out())
        .isEqualTo(
            """
            NAMESPACE     NAME         STATUS      TYPE           REASON         MESSAGE
            pay           waypoint     True        Programmed     Programmed     Resource programmed, assigned to service(s) waypoint.pay.svc.cluster.local:15008
            shop          waypoint     Unknown     Programmed     Pending        Waiting for controller
            """);
  }

  @Test
  void pads_an_empty_reason_and_leaves_the_last_column_as_it_is() {
    var cluster =
        new FakeCluster()
            .with(
                """
                kind: Gateway
                metadata: {name: waypoint, namespace: default}
                spec: {gatewayClassName: istio-waypoint}
                status: {conditions: [{type: Programmed, status: "True"}]}
                """);

    assertThat(Cli.on(cluster).run("waypoint status").out())
        .isEqualTo(
            """
            NAME         STATUS     TYPE           REASON     MESSAGE
            waypoint     True       Programmed               \s
            """);
  }

  @Test
  void waits_and_tells_meanwhile_what_is_missing() {
    var cluster = new FakeCluster().with(SHOP);
    var cli =
        Cli.on(cluster)
            .whileWaiting(() -> cluster.with(SHOP.replace("status: Unknown", "status: \"True\"")));

    var result = cli.run("waypoint status -n shop");

    assertThat(result.out()).contains("waypoint     True       Programmed");
    assertThat(result.code()).isZero();
  }

  @Test
  void shows_how_far_it_came_when_the_time_is_over() {
    var result =
        Cli.on(new FakeCluster().with(SHOP)).run("waypoint status -n shop --waypoint-timeout 2s");

    assertThat(result.err())
        .isEqualTo(
            "waiting for waypoint shop/waypoint: Programmed=Unknown (Pending): Waiting for"
                + " controller\n"
                + "Error: failed to print waypoint status: timed out while retrieving status for"
                + " waypoint\tshop/waypoint\n");
    assertThat(result.out()).contains("waypoint     Unknown     Programmed     Pending");
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void says_so_when_there_is_none() {
    assertThat(Cli.on(new FakeCluster()).run("waypoint status").out())
        .isEqualTo("No waypoints found.\n");
  }

  @Test
  void shows_all_conditions_as_yaml() {
    assertThat(Cli.on(new FakeCluster().with(PAY)).run("waypoint status -n pay -o yaml").out())
        .startsWith("- addresses: []\n  conditions:\n  - message: fine\n    reason: Accepted\n")
        .contains("status: \"True\"");
  }
}
