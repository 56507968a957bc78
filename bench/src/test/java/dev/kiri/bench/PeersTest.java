package dev.kiri.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeersTest {
  @Test
  void nobody_is_measured_beside_ours_unless_named() {
    assertThat(Peers.only("envoy", Map.of())).isEmpty();
  }

  @Test
  void an_executable_of_the_one_kind_is(@TempDir Path folder) throws Exception {
    var program = Files.createFile(folder.resolve("envoy"));
    assertThat(program.toFile().setExecutable(true)).isTrue();

    assertThat(Peers.only("envoy", Map.of("envoy", program))).contains(program);
  }

  @Test
  void another_kind_a_folder_and_what_is_not_there_are_refused(@TempDir Path folder) {
    assertThatThrownBy(() -> Peers.only("envoy", Map.of("nginx", folder)))
        .hasMessage("--peer nginx: the only kind accepted is envoy");
    assertThatThrownBy(() -> Peers.only("envoy", Map.of("envoy", folder)))
        .hasMessage("--peer envoy=" + folder + ": not an executable file");
    var missing = folder.resolve("envoy");
    assertThatThrownBy(() -> Peers.only("envoy", Map.of("envoy", missing)))
        .hasMessage("--peer envoy=" + missing + ": not an executable file");
  }
}
