package dev.kiri.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// What every command has in common.
class CommandLinesTest {
  private static final String NO_MESH = "no-such-mesh";

  @ParameterizedTest
  @ValueSource(
      strings = {"up", "apply", "delete", "get", "exec", "logs", "wait", "down", "fault", "demo"})
  void every_command_shows_examples_of_itself(String command) {
    var usage = LocalCommand.line().getSubcommands().get(command).getUsageMessage();

    assertThat(usage).contains("Examples:").contains("  ./kiri " + command);
  }

  @ParameterizedTest
  @ValueSource(strings = {"up", "apply", "delete", "get", "wait", "down", "fault", "demo"})
  void every_command_that_prints_facts_prints_them_as_json_under_both_spellings(String command) {
    var option = LocalCommand.line().getSubcommands().get(command).getCommandSpec();

    assertThat(option.findOption("-o")).isNotNull().isSameAs(option.findOption("--output"));
    assertThat(List.of(option.findOption("-o").type().getEnumConstants()).toString())
        .contains("JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | get thing",
        "2 | get pods,thing",
        "2 | wait --timeout soon --name no-such-mesh",
        "2 | wait --for=never",
        "2 | delete Pod",
        "2 | apply",
        "2 | down --name Not_A_Name",
        "2 | up -f /nonexistent --publish here",
        "1 | wait --name no-such-mesh",
        "1 | up -f /nonexistent --name no-such-mesh",
        "0 | down --name no-such-mesh -o json",
        "0 | down --name no-such-mesh --output json",
      })
  void the_exit_code_tells_what_was_wrong(int code, String line) {
    assertThat(LocalCommand.run(line.split(" "))).isEqualTo(code);
  }

  @Test
  void an_object_is_told_by_kind_namespace_and_name() {
    var fact = Facts.object(ObjectKey.of("Service", "shop", "web"), "applied");

    assertThat(fact)
        .containsExactly(
            Map.entry("kind", "Service"),
            Map.entry("namespace", "shop"),
            Map.entry("name", "web"),
            Map.entry("result", "applied"));
  }

  @Test
  void several_kinds_are_a_table_each_with_names_that_tell_them_apart() {
    var both = List.of(object("Deployment", "web"), object("Service", "web"));

    assertThat(Tables.of(both, false, false).lines().toList())
        .anyMatch(line -> line.startsWith("deployment/web"))
        .anyMatch(line -> line.startsWith("service/web"))
        .contains("");
    assertThat(Tables.of(both.subList(0, 1), false, false).lines().toList().getLast())
        .startsWith("web");
  }

  private static KubeObject object(String kind, String name) {
    return KubeObject.of(
        Map.of("kind", kind, "metadata", Map.of("name", name, "namespace", NO_MESH)));
  }

  @Test
  void an_unknown_command_is_not_understood() {
    assertThat(LocalCommand.line().execute("explode")).isEqualTo(CommandLine.ExitCode.USAGE);
  }
}
