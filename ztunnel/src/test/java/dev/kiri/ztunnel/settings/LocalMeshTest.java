package dev.kiri.ztunnel.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.mesh.file.MeshFile;
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

  @Test
  void a_file_of_many_megabytes_is_read(@TempDir Path folder) throws Exception {
    var text = new StringBuilder("workloads:\n");
    int count = 0;
    while (text.length() < 4 << 20) {
      text.append("- {uid: a-rather-long-uid-of-a-pod-in-some-cluster-")
          .append(count++)
          .append(", namespace: n, workloadIps: []}\n");
    }
    var file = Files.writeString(folder.resolve("mesh.yaml"), text);

    assertThat(LocalMesh.from(Settings.of(Map.of("LOCAL_XDS_PATH", file.toString()))))
        .hasSize(count);
  }

  @Test
  void one_of_too_many_is_a_problem_that_says_what_to_do(@TempDir Path folder) throws Exception {
    var file = folder.resolve("mesh.yaml");
    try (var sparse = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(MeshFile.MAX_BYTES + 1L);
    }

    refuses(
        Map.of("LOCAL_XDS_PATH", file.toString()),
        "LOCAL_XDS_PATH="
            + file
            + ": has 33554433 bytes, accepted are at most 33554432: leave out what this node does"
            + " not need");
  }
}
