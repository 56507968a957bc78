package dev.kiri.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kiri.local.api.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `./kiri demo`: eight steps from a captured request to kirictl.
class DemoTest {
  private static final String MESH = "it-" + ProcessHandle.current().pid();

  private final Kiri kiri = new Kiri(Map.of());

  @BeforeEach
  void needs_a_machine_that_can_run_it() {
    Kiri.assumeThatMeshesCanRun();
  }

  @AfterEach
  void takes_down_what_a_failure_left() throws Exception {
    if (!Kiri.launcher().isEmpty()) {
      kiri.run("down", "--name", MESH);
    }
  }

  @Test
  void every_step_of_the_demo_holds() throws Exception {
    every_step_holds(Map.of());
  }

  /// Empty: upstream's ztunnel on both nodes, under our control plane, capture and waypoint.
  /// Otherwise on that node, beside ours on the other.
  @ParameterizedTest
  @ValueSource(strings = {"", "node-1=", "node-2="})
  void every_step_holds_with_a_ztunnel_of_upstream(String node) throws Exception {
    var peer = System.getenv("KIRI_PEER_ZTUNNEL");
    assumeTrue(peer != null, "KIRI_PEER_ZTUNNEL does not name an upstream ztunnel executable");

    every_step_holds(Map.of("KIRI_ZTUNNEL", node + peer));
  }

  private void every_step_holds(Map<String, String> environment) throws Exception {
    var demo = new Kiri(environment).run("demo", "--output", "json", "--name", MESH);

    var steps = demo.text().lines().map(Json::object).toList();
    assertThat(steps).hasSize(8);
    assertThat(steps)
        .filteredOn(step -> !Boolean.TRUE.equals(step.get("ok")))
        .as("steps that do not hold")
        .isEmpty();
    assertThat(steps)
        .allSatisfy(
            step ->
                assertThat(step.keySet())
                    .containsExactly("step", "expected", "observed", "ok", "millis"));
    assertThat(demo.code()).isZero();
    assertThat(running()).as("processes left behind").isEmpty();
  }

  private static List<String> running() {
    return ProcessHandle.allProcesses()
        .map(p -> p.info().commandLine().orElse(""))
        .filter(line -> line.contains("Supervisor " + MESH))
        .toList();
  }

  @Test
  void manifests_with_errors_start_nothing_and_say_why() throws Exception {
    var up = kiri.run("up", "-f", "no-such-folder", "--name", MESH, "--detach");

    assertThat(up.code()).isEqualTo(1);
    assertThat(kiri.run("get", "pods", "--name", MESH).code()).isEqualTo(1);
  }
}
