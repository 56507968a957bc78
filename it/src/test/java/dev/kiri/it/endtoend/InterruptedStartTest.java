package dev.kiri.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A start that is cut off, at whatever moment, leaves nothing that `down --all` does not find.
class InterruptedStartTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private @TempDir Path folder;
  private Path meshes;
  private Kiri kiri;
  private Leftovers leftovers;

  @BeforeEach
  void keeps_its_meshes_apart_from_all_others() {
    Kiri.assumeThatMeshesCanRun();
    meshes = folder.resolve("meshes");
    kiri = new Kiri(Map.of("KIRI_RUN_DIR", meshes.toString()));
    leftovers = new Leftovers(meshes);
  }

  @AfterEach
  void takes_down_what_a_failure_left() throws Exception {
    if (kiri != null) {
      kiri.run("down", "--all");
    }
  }

  /// How far a start has come.
  enum Stage {
    FOLDER(mesh -> Files.exists(mesh)),
    FIRST_PROCESS(mesh -> Files.exists(mesh.resolve("process"))),
    NODES(mesh -> count(mesh.resolve("nodes")) > 1),
    ANSWERS(mesh -> Files.exists(mesh.resolve("api.sock"))),
    PODS(mesh -> count(mesh.resolve("netns")) > 4);

    private final Predicate<Path> reached;

    Stage(Predicate<Path> reached) {
      this.reached = reached;
    }

    private static int count(Path folder) {
      var names = folder.toFile().list();
      return names == null ? 0 : names.length;
    }
  }

  @ParameterizedTest
  @EnumSource
  void down_removes_all_that_a_killed_start_left(Stage stage) throws Exception {
    var up = kiri.start("up", "-f", Kiri.example("shop"), "--name", "cut", "--detach");
    reach(stage);

    up.destroyForcibly().waitFor();
    var down = kiri.run("down", "--all");

    assertThat(down.code()).isZero();
    await().atMost(LONG).untilAsserted(() -> assertThat(leftovers.all()).isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void an_interrupted_start_takes_itself_down(Stage stage) throws Exception {
    var up = kiri.start("up", "-f", Kiri.example("shop"), "--name", "cut", "--detach");
    reach(stage);

    up.destroy(); // as Ctrl-C would: the JVM's shutdown hooks run
    up.waitFor();

    await().atMost(LONG).untilAsserted(() -> assertThat(leftovers.all()).isEmpty());
  }

  @Test
  void a_mesh_whose_processes_were_all_killed_is_removed() throws Exception {
    var up = kiri.start("up", "-f", Kiri.example("shop"), "--name", "cut", "--detach");
    reach(Stage.PODS);

    up.destroyForcibly().waitFor();
    leftovers.processes().stream()
        .mapToLong(text -> Long.parseLong(text.split(" ")[1]))
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    kiri.run("down", "--all");

    await().atMost(LONG).untilAsserted(() -> assertThat(leftovers.all()).isEmpty());
  }

  private void reach(Stage stage) throws IOException {
    await()
        .pollInterval(Duration.ofMillis(1))
        .pollDelay(Duration.ZERO)
        .atMost(LONG)
        .until(() -> stage.reached.test(meshes.resolve("cut")));
  }
}
