package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The sequence of `istioctl waypoint apply`.
class WaypointApplyTest {
  private final FakeCluster cluster =
      new FakeCluster()
          .with(
              """
              apiVersion: v1
              kind: Namespace
              metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, team: a}}
              ---
              apiVersion: v1
              kind: Namespace
              metadata: {name: plain, labels: {istio.io/use-waypoint: old}}
              """);
  private final Cli cli = Cli.on(cluster);

  @Test
  void applies_waits_and_enrols() {
    cli.whileWaiting(() -> programmed("True"));

    var result = cli.run("waypoint apply -n shop --enroll-namespace --wait");

    assertThat(result.out())
        .isEqualTo(
            """
            ✅ waypoint shop/waypoint applied
            ✅ waypoint shop/waypoint is ready!
            ✅ namespace shop labeled with "istio.io/use-waypoint: waypoint"
            """);
    assertThat(cluster.object("Namespace", "", "shop").labels())
        .containsEntry("istio.io/use-waypoint", "waypoint")
        .containsEntry("team", "a");
    assertThat(result.code()).isZero();
  }

  @Test
  void stops_before_it_changes_an_enrolment() {
    var result = cli.run("waypoint apply -n plain --enroll-namespace");

    assertThat(result.out())
        .isEqualTo(
            "⚠️ Warning: namespace (plain) already has an enrolled Waypoint. Consider adding the"
                + " `--overwrite` flag to your apply command.\n");
    assertThat(cluster.list("Gateway", "")).isEmpty();
    assertThat(result.code()).isZero();
  }

  @Test
  void overwrites_an_enrolment_when_told_and_warns_of_a_namespace_outside_the_mesh() {
    var result = cli.run("waypoint apply -n plain --enroll-namespace --overwrite --name new");

    assertThat(result.out())
        .startsWith(
            "⚠️ Warning: namespace is not enrolled in ambient. Consider running\t`kubectl label"
                + " namespace plain istio.io/dataplane-mode=ambient`\n");
    assertThat(cluster.object("Namespace", "", "plain").labels())
        .containsEntry("istio.io/use-waypoint", "new");
  }

  @Test
  void leaves_the_namespace_alone_when_waiting_took_too_long() {
    cli.whileWaiting(() -> programmed("False"));

    var result = cli.run("waypoint apply -n shop --enroll-namespace --wait --waypoint-timeout 1s");

    assertThat(result.err())
        .isEqualTo(
            "Error: timed out while waiting for waypoint\tshop/waypoint: Programmed=False"
                + " (Pending): no pod yet\n");
    assertThat(cluster.object("Namespace", "", "shop").labels())
        .doesNotContainKey("istio.io/use-waypoint");
    assertThat(cluster.list("Gateway", "shop")).hasSize(1);
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void needs_the_namespace() {
    var result = cli.run("waypoint apply -n nowhere");

    assertThat(result.err()).isEqualTo("Error: namespace: nowhere not found\n");
    assertThat(result.code()).isEqualTo(1);
  }

  private void programmed(String status) {
    var gateway = cluster.object("Gateway", "shop", "waypoint");
    cluster.apply(
        gateway.with(
            java.util.List.of(
                java.util.Map.of(
                    "type",
                    "Programmed",
                    "status",
                    status,
                    "reason",
                    "Pending",
                    "message",
                    "no pod yet")),
            "status",
            "conditions"));
  }
}
