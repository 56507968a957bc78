package dev.kiri.local.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.local.api.MeshException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {
  @TempDir private Path folder = Path.of("");

  private Path executable() throws IOException {
    var file = folder.resolve("other-ztunnel");
    return Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private Programs programs(String foreign) {
    return Programs.of(Map.of("KIRI_IMAGE", folder.toString(), "KIRI_ZTUNNEL", foreign));
  }

  @Test
  void ours_run_unless_another_ztunnel_is_named() {
    assertThat(programs("").command("ztunnel", "node-1")).contains("dev.kiri.ztunnel.ZtunnelMain");
  }

  @Test
  void another_ztunnel_plays_the_node_proxy_of_every_node() throws Exception {
    var other = executable();

    assertThat(programs(other.toString()).command("ztunnel", "node-1"))
        .containsExactly(other.toString());
    assertThat(programs(other.toString()).command("waypoint", "node-1"))
        .contains("dev.kiri.waypoint.WaypointMain");
  }

  @Test
  void another_ztunnel_stands_beside_ours_on_the_node_it_is_named_for() throws Exception {
    var mixed = programs("node-2=" + executable());

    assertThat(mixed.command("ztunnel", "node-2")).hasSize(1);
    assertThat(mixed.command("ztunnel", "node-1")).contains("dev.kiri.ztunnel.ZtunnelMain");
  }

  @Test
  void a_path_without_an_executable_is_refused() {
    assertThatThrownBy(() -> programs("node-2=/nowhere/ztunnel"))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("KIRI_ZTUNNEL=node-2=/nowhere/ztunnel")
        .hasMessageContaining("NODE=PATH");
  }
}
