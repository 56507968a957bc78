package dev.kiri.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kiri.redirect.net.AgentProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the program says when it cannot run, before it has changed anything.
class RedirectMainRefusalTest {
  private static final String SETPRIV = "/usr/bin/setpriv";

  @TempDir private Path folder;

  @Test
  void every_wrong_setting_is_named_at_once() throws Exception {
    var agent = start(List.of(), Map.of("AMBIENT_IPV6", "maybe", "MONITORING_PORT", "99999"));

    assertThat(agent.exitCode()).isEqualTo(2);
    assertThat(agent.log())
        .contains("NODE_NAME must be set")
        .contains("KIRI_OBJECTS must be set")
        .contains("AMBIENT_IPV6=maybe")
        .contains("MONITORING_PORT=99999");
  }

  @Test
  void an_unknown_argument_is_named_with_those_that_are_known() throws Exception {
    var agent = start(List.of(), Map.of(), "--object", "x");

    assertThat(agent.exitCode()).isEqualTo(2);
    assertThat(agent.log()).contains("unknown argument --object").contains("--objects DIR");
  }

  @Test
  void a_selector_that_is_not_understood_is_named() throws Exception {
    var agent = start(List.of(), with("AMBIENT_ENABLEMENT_SELECTOR", "[{podSelector: {any: x}}]"));

    assertThat(agent.exitCode()).isEqualTo(2);
    assertThat(agent.log()).contains("AMBIENT_ENABLEMENT_SELECTOR").contains("unknown field any");
  }

  @Test
  void without_privileges_it_says_which_and_how_else() throws Exception {
    assumeTrue(Files.isExecutable(Path.of(SETPRIV)), "needs " + SETPRIV);
    var agent =
        start(List.of(SETPRIV, "--bounding-set=-all", "--inh-caps=-all"), with("HEALTH_PORT", "0"));

    assertThat(agent.exitCode()).isEqualTo(1);
    assertThat(agent.log()).contains("CAP_SYS_ADMIN").contains("unshare --user");
  }

  @Test
  void a_training_run_needs_nothing_and_leaves_nothing() throws Exception {
    var agent =
        AgentProcess.start(
            List.of(),
            folder.resolve("log"),
            Map.of("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder),
            "--aot-train");

    assertThat(agent.exitCode()).as(agent.log()).isZero();
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(folder.resolve("log"));
    }
  }

  private AgentProcess start(
      List<String> prefix, Map<String, String> environment, String... arguments)
      throws IOException {
    return AgentProcess.start(prefix, folder.resolve("log"), environment, arguments);
  }

  private Map<String, String> with(String name, String value) {
    return Map.of(
        "NODE_NAME",
        "node-1",
        "KIRI_OBJECTS",
        folder.toString(),
        "KIRI_OVERLAY",
        folder.resolve("overlay").toString(),
        "INPOD_UDS",
        folder.resolve("zds.sock").toString(),
        name,
        value);
  }
}
