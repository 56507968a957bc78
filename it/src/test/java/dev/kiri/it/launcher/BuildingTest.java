package dev.kiri.it.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which commands build, and what a build leaves.
class BuildingTest {
  private @TempDir Path folder;
  private Checkout checkout;

  @BeforeEach
  void a_checkout() throws IOException {
    checkout = new Checkout(folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "logs", "apply", "delete", "wait", "ctl", "exec", "down", "fault"})
  void a_command_on_a_running_mesh_takes_what_is_built_whatever_was_edited(String command)
      throws Exception {
    var image = checkout.image("0123");
    checkout.edit();

    var outcome = checkout.kiri(command, "--all");

    var component = command.equals("ctl") ? "cli" : "local";
    assertThat(outcome.out())
        .startsWith("java @" + image + "/args/" + component + ".args")
        .endsWith(" --all\n");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"up", "ztunnel", "controlplane", "bench"})
  void a_command_that_starts_something_builds_what_was_edited(String command) throws Exception {
    checkout.image("0123");
    checkout.edit();

    var outcome = checkout.kiri(command);

    assertThat(outcome.err()).contains("building Kiri").contains("the build failed");
    assertThat(outcome.code()).isEqualTo(1);
  }

  @Test
  void whatever_the_command_the_first_one_builds() throws Exception {
    assertThat(checkout.kiri("get", "pods").err()).contains("building Kiri");
  }

  @Test
  void a_program_started_by_a_mesh_runs_from_the_image_of_the_mesh() throws Exception {
    var own = checkout.image("0123");
    checkout.image("4567");

    var outcome = checkout.with("KIRI_IMAGE", own.toString()).kiri("ctl", "version");

    assertThat(outcome.out()).startsWith("java @" + own + "/args/cli.args");
  }

  @Test
  void of_old_images_two_stay_and_those_that_somebody_runs_from() throws Exception {
    for (int age = 5; age > 0; age--) {
      var image = checkout.image("image" + age);
      Files.setLastModifiedTime(image, FileTime.from(Instant.now().minusSeconds(age * 60L)));
    }
    var images = checkout.root.resolve("target/images");
    var user =
        new ProcessBuilder("sh", "-c", "read line", images.resolve("image5/args/local.args") + "")
            .start();

    try {
      checkout.run(List.of("sh", "-c", "root=$PWD; . build/launcher/image.sh; remove_old_images"));
    } finally {
      user.destroyForcibly();
    }

    try (var left = Files.list(images)) {
      assertThat(left.map(image -> image.getFileName().toString()))
          .containsExactlyInAnyOrder("image1", "image2", "image3", "image5");
    }
  }
}
