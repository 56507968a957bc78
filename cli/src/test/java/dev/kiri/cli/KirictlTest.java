package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KirictlTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "waypoint list",
        "waypoint status",
        "waypoint apply",
        "waypoint delete --all",
        "ztunnel-config workload",
        "zc log",
        "version"
      })
  void says_in_one_line_that_no_mesh_runs(String line) {
    var result = Cli.withoutMesh().run(line);

    assertThat(result.err()).isEqualTo("Error: no mesh named kiri is running: start one\n");
    assertThat(result.code()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--name other waypoint list",
        "waypoint --name other list",
        "waypoint list --name other",
        "waypoint list --mesh other",
        "zc workload --name other -o json",
        "--name other zc workload",
        "version --name other",
        "--name first version --name other",
        "--name other waypoint apply --name gate",
      })
  void speaks_to_the_mesh_it_is_pointed_at_before_or_behind_the_command(String line) {
    assertThat(Cli.withoutMesh().run(line).err()).contains("named other is");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bogus               | unknown command "bogus" for "kirictl"
          waypoint bogus      | unknown subcommand "bogus"
          zc bogus            | unknown subcommand "bogus"
          waypoint list --bad | Unknown option: '--bad'
          """)
  void ends_with_64_what_it_does_not_understand(String line, String reason) {
    var result = Cli.withoutMesh().run(line);

    assertThat(result.err()).startsWith("Error: " + reason + "\n");
    assertThat(result.code()).isEqualTo(64);
  }

  @Test
  void shows_help_for_a_group_without_a_command() {
    var result = Cli.withoutMesh().run("waypoint");

    assertThat(result.out()).contains("Usage: kirictl waypoint").contains("generate");
    assertThat(result.code()).isZero();
  }

  @Test
  void refuses_a_timeout_that_is_no_duration() {
    var result = Cli.withoutMesh().run("waypoint status --waypoint-timeout soon");

    assertThat(result.err()).contains("--waypoint-timeout").contains("expected a duration");
    assertThat(result.code()).isEqualTo(64);
  }

  @Test
  void shows_the_versions_of_all_parts() {
    var cluster =
        new FakeCluster()
            .with(
                """
                {kind: Pod, metadata: {name: istiod-1, namespace: istio-system, labels: {app: istiod}}}
                ---
                {kind: Pod, metadata: {name: ztunnel-a, namespace: istio-system, labels: {app: ztunnel}}}
                ---
                {kind: Pod, metadata: {name: ztunnel-b, namespace: istio-system, labels: {app: ztunnel}}}
                ---
                {kind: Pod, metadata: {name: web, namespace: shop}}
                """)
            .answering("GET istio-system/istiod-1:15014/version", 200, "0.2.0\n")
            .answering("GET istio-system/ztunnel-a:15000/version", 200, "0.1.0\n");

    // The client's own version is known to a jar only; classes in a folder say "development".
    assertThat(Cli.on(cluster).run("version").out())
        .matches(
            """
            client version: \\S+
            control plane version: 0\\.2\\.0
            data plane version: 0\\.1\\.0 \\(1 proxies\\), unknown \\(1 proxies\\)
            """);
    assertThat(Cli.on(cluster).run("version --remote=false").out())
        .matches("client version: \\S+\n");
  }
}
