package dev.kiri.bench.output;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The option of every command that measures, and the writing of what it measured.
public final class Output {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  private boolean json;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "md",
      description = "md or json (default: ${DEFAULT-VALUE})")
  void format(String name) {
    json =
        switch (name) {
          case "md" -> false;
          case "json" -> true;
          default ->
              throw new ParameterException(
                  requireNonNull(command).commandLine(),
                  "--output " + name + ": accepted are md and json");
        };
  }

  /// What to say of this machine beside any figure; for more to be added.
  public static Map<String, Object> machine() {
    var out = new LinkedHashMap<String, Object>();
    out.put("kernel", System.getProperty("os.version"));
    out.put("cpus", Runtime.getRuntime().availableProcessors());
    out.put("jdk", System.getProperty("java.runtime.version"));
    return out;
  }

  /// Prints figures, as objects or as a table, behind what they are of.
  public void print(Map<String, Object> environment, Object results, String table) {
    var document = new LinkedHashMap<String, Object>();
    document.put("environment", environment);
    document.put("results", results);
    var text = new StringBuilder();
    environment.forEach(
        (key, value) -> text.append("- ").append(key).append(": ").append(value).append('\n'));
    print(document, text + "\n" + table);
  }

  /// Prints figures that hold on any machine.
  public void print(Object results, String table) {
    System.out.print(
        json
            ? JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build()
                    .writeValueAsString(results)
                + "\n"
            : table);
  }
}
