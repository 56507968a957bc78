package dev.kiri.local.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.machine.Fitness.Fit;
import dev.kiri.local.machine.Fitness.Unfit;
import dev.kiri.local.machine.MachineFacts.Attempt;
import dev.kiri.local.machine.MachineFacts.RefusedPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FitnessTest {
  private static final Attempt WORKED = new Attempt.Worked();
  private static final Attempt NOT_TRIED = new Attempt.NotTried();

  private String system = "Linux";
  private String kernel = "6.1.0-18-amd64";
  private List<String> missing = List.of();
  private boolean root = true;
  private Attempt namespaces = WORKED;
  private Attempt network = WORKED;
  private Optional<Path> unwritable = Optional.empty();
  private List<RefusedPort> ports = List.of();

  private Fitness verdict() {
    return Fitness.of(
        new MachineFacts(system, kernel, missing, root, namespaces, network, unwritable, ports));
  }

  private List<String> lacks() {
    return verdict() instanceof Unfit(var lacks) ? lacks : List.of();
  }

  @Test
  void a_machine_that_lacks_nothing_is_fit() {
    assertThat(verdict()).isEqualTo(new Fit(false));
  }

  @Test
  void a_user_other_than_root_runs_it_without_root() {
    root = false;

    assertThat(verdict()).isEqualTo(new Fit(true));
  }

  @ParameterizedTest
  @CsvSource({
    "5.10.0, true",
    "5.15.0-91-generic, true",
    "6.8, true",
    "10.0.1, true",
    "5.9.16, false",
    "4.19.0-26-amd64, false",
    "3.10.0-1160.el7.x86_64, false",
    "unheard-of, true",
  })
  void kernels_before_5_10_are_too_old(String release, boolean fit) {
    kernel = release;

    assertThat(verdict() instanceof Fit).isEqualTo(fit);
  }

  @Test
  void too_old_a_kernel_is_named_with_what_to_boot_and_nothing_else_is_asked_for() {
    kernel = "4.19.0-26-amd64";
    missing = List.of("nft");

    assertThat(lacks()).hasSize(1);
    assertThat(lacks().getFirst()).contains("Linux 4.19.0-26-amd64").contains("boot 5.10 or newer");
  }

  @Test
  void another_system_is_named() {
    system = "Mac OS X";

    assertThat(lacks()).containsExactly("a local mesh needs Linux; this is Mac OS X");
  }

  static List<Arguments> programs() {
    return List.of(
        Arguments.of("nft", "nftables"),
        Arguments.of("ip", "iproute2"),
        Arguments.of("bridge", "iproute2"),
        Arguments.of("unshare", "util-linux"),
        Arguments.of("nsenter", "util-linux"),
        Arguments.of("setsid", "util-linux"),
        Arguments.of("umount", "mount"),
        Arguments.of("chroot", "coreutils"));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void a_missing_program_is_named_with_the_package_that_brings_it(String program, String brings) {
    missing = List.of(program);
    namespaces = NOT_TRIED;
    network = NOT_TRIED;

    assertThat(lacks())
        .containsExactly(
            "the program "
                + program
                + " is missing: install it, on Debian or Ubuntu with apt-get install "
                + brings);
  }

  @Test
  void root_without_capabilities_is_told_which_ones() {
    namespaces = new Attempt.Refused("unshare: unshare failed: Operation not permitted");
    network = NOT_TRIED;

    assertThat(lacks()).hasSize(1);
    assertThat(lacks().getFirst())
        .contains("Operation not permitted")
        .contains("CAP_SYS_ADMIN")
        .contains("--privileged");
  }

  @Test
  void a_process_that_may_make_namespaces_but_no_network_is_told_what_it_lacks() {
    network = new Attempt.Refused("RTNETLINK answers: Operation not permitted");

    assertThat(lacks())
        .containsExactly(
            "this process may not set up a network (RTNETLINK answers: Operation not permitted):"
                + " run with CAP_NET_ADMIN, in a container with --privileged");
  }

  @Test
  void a_user_who_may_not_make_namespaces_is_told_what_allows_it() {
    root = false;
    namespaces = new Attempt.Refused("unshare: unshare failed: Operation not permitted");
    network = NOT_TRIED;

    assertThat(lacks().getFirst())
        .contains("kernel.unprivileged_userns_clone=1")
        .contains("kernel.apparmor_restrict_unprivileged_userns=0")
        .contains("or run as root");
  }

  @Test
  void a_kernel_without_the_rules_is_told_which_modules_to_load() {
    network = new Attempt.Refused("Error: Could not process rule: No such file or directory");

    assertThat(lacks().getFirst()).contains("Could not process rule").contains("modprobe -a");
  }

  @Test
  void a_folder_that_cannot_be_written_is_named() {
    unwritable = Optional.of(Path.of("/run"));

    assertThat(lacks().getFirst()).contains("/run").contains("KIRI_RUN_DIR");
  }

  @Test
  void every_port_that_is_taken_is_named() {
    ports =
        List.of(
            new RefusedPort("80:a/b:80", "127.0.0.1", 80, "Address already in use"),
            new RefusedPort("[::1]:81:a/b:80", "::1", 81, "Address already in use"));

    assertThat(lacks())
        .containsExactly(
            "--publish 80:a/b:80: port 80 of 127.0.0.1 cannot be taken (Address already in use):"
                + " choose another one",
            "--publish [::1]:81:a/b:80: port 81 of ::1 cannot be taken (Address already in use):"
                + " choose another one");
  }

  @Test
  void a_port_that_belongs_to_root_is_no_matter_of_choosing_another_low_one() {
    root = false;
    ports = List.of(new RefusedPort("80:a/b:80", "127.0.0.1", 80, "Permission denied"));

    assertThat(lacks().getFirst()).endsWith("choose one from 1024 on, or run as root");
  }

  @Test
  void all_that_is_missing_is_said_at_once() {
    missing = List.of("nft", "ip");
    namespaces = NOT_TRIED;
    network = NOT_TRIED;
    unwritable = Optional.of(Path.of("/run"));
    ports = List.of(new RefusedPort("80:a/b:80", "127.0.0.1", 80, "Address already in use"));

    assertThat(lacks()).hasSize(4);
  }
}
