package dev.kiri.ztunnel.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.ops.settings.InvalidSettings;
import dev.kiri.ops.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalMeshTest {
  private static final String ONE = "workloads: [{uid: u, namespace: n, workloadIps: []}]";

  private static void refuses(Map<String, String> environment, String part) {
    var env = Settings.of(environment);

    assertThat(LocalMesh.from(env)).isEmpty();
    assertThatThrownBy(env::finish).isInstanceOf(InvalidSettings.class).hasMessageContaining(part);
  }

  @Test
  void a_mesh_is_read_from_a_file_or_from_the_environment(@TempDir Path folder) throws Exception {
    var file = Files.writeString(folder.resolve("mesh.yaml"), ONE);

    assertThat(LocalMesh.from(Settings.of(Map.of("LOCAL_XDS", ONE)))).hasSize(1);
    assertThat(LocalMesh.from(Settings.of(Map.of("LOCAL_XDS_PATH", file.toString())))).hasSize(1);
    assertThat(LocalMesh.from(Settings.of(Map.of()))).isEmpty();
  }

  @Test
  void what_cannot_be_read_is_a_problem_of_the_settings() {
    refuses(Map.of("LOCAL_XDS_PATH", "/none/mesh.yaml"), "LOCAL_XDS_PATH=/none/mesh.yaml");
    refuses(Map.of("LOCAL_XDS", "pods: []"), "LOCAL_XDS: line 1: pods: unknown field");
    refuses(Map.of("LOCAL_XDS", ONE, "LOCAL_XDS_PATH", "x"), "only one of");
  }
}
