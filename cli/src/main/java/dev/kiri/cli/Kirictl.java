package dev.kiri.cli;

import dev.kiri.cli.cluster.Cluster;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.local.api.MeshException;
import dev.kiri.ops.settings.Durations;
import dev.kiri.ops.training.AotTraining;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// `kirictl`: the flags of all commands, and what each of them needs from its surroundings.
/// Confined to the main thread.
@Command(
    name = "kirictl",
    description = "Looks into an ambient mesh and changes its waypoints.",
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND")
public final class Kirictl implements Runnable {
  static final String DEFAULT_NAMESPACE = "default";

  private final Surroundings surroundings;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      scope = ScopeType.INHERIT,
      description = "the namespace to look in (default: default)")
  private @Nullable String namespace;

  @Option(
      names = {"-i", "--istioNamespace"},
      paramLabel = "NAMESPACE",
      scope = ScopeType.INHERIT,
      defaultValue = "istio-system",
      description = "the namespace of the control plane (default: ${DEFAULT-VALUE})")
  private String istioNamespace = "istio-system";

  @Option(
      names = "--mesh",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "the local mesh to speak to (default: $KIRI_MESH, else kiri)")
  private @Nullable String mesh;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "the same as --mesh; of a command that has a --name itself, it is that")
  private @Nullable String name;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  private Kirictl(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /// Ends the process with the command's exit code.
  public static void main(String[] arguments) {
    if (AotTraining.requested(arguments)) {
      System.exit(AotTraining.run(Training::run));
    }
    var line = commandLine(Surroundings.ofThisProcess());
    line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    System.exit(line.execute(arguments));
  }

  /// All commands, ready to be executed.
  static CommandLine commandLine(Surroundings surroundings) {
    var root = new Kirictl(surroundings);
    var line =
        new CommandLine(root)
            .addSubcommand(WaypointCommand.commandLine(root))
            .addSubcommand(ZtunnelConfigCommand.commandLine(root))
            .addSubcommand(new ExplainCommand(root))
            .addSubcommand(new VersionCommand(root));
    line.getSubcommands().values().forEach(root::takeNameOf);
    return line.registerConverter(Duration.class, Durations::parse)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Kirictl::notUnderstood)
        .setExecutionExceptionHandler(Kirictl::failed);
  }

  /// Lets `--name` stand behind a command, too, as everywhere in `./kiri`.
  private void takeNameOf(CommandLine command) {
    if (command.getCommandSpec().findOption("--name") == null) {
      command
          .getCommandSpec()
          .addOption(
              OptionSpec.builder("--name")
                  .paramLabel("NAME")
                  .type(String.class)
                  .description("the same as --mesh")
                  .setter(this::take)
                  .build());
    }
    command.getSubcommands().values().forEach(this::takeNameOf);
  }

  /// Null stands for an option that was not given, which must not undo what stood before.
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as picocli's interface is
  private <T> @Nullable T take(@Nullable T given) {
    var before = name;
    if (given != null) {
      name = given.toString();
    }
    return (T) before;
  }

  @Override
  public void run() {
    line().usage(line().getOut());
  }

  /// The mesh the user means.
  Cluster cluster() {
    var chosen = mesh != null ? mesh : name != null ? name : System.getenv("KIRI_MESH");
    return surroundings.clusters().apply(chosen == null || chosen.isEmpty() ? "kiri" : chosen);
  }

  Surroundings surroundings() {
    return surroundings;
  }

  /// What `-n` said, if it was given.
  @Nullable String givenNamespace() {
    return namespace;
  }

  String namespace() {
    return namespace == null ? DEFAULT_NAMESPACE : namespace;
  }

  String istioNamespace() {
    return istioNamespace;
  }

  /// Writes to standard output.
  void print(String text) {
    line().getOut().print(text);
    line().getOut().flush();
  }

  /// Writes a line of progress to standard error.
  void progress(String text) {
    line().getErr().println(text);
  }

  private CommandLine line() {
    if (spec == null) {
      throw new IllegalStateException("the command line is not parsed yet");
    }
    return spec.commandLine();
  }

  private static int notUnderstood(ParameterException problem, String[] arguments) {
    var command = problem.getCommandLine();
    command.getErr().println("Error: " + text(problem, command));
    command
        .getErr()
        .println("Run '" + command.getCommandSpec().qualifiedName() + " --help' for usage.");
    return CommandFailed.USAGE;
  }

  private static @Nullable String text(ParameterException problem, CommandLine command) {
    if (problem instanceof UnmatchedArgumentException unmatched
        && !command.getSubcommands().isEmpty()
        && !unmatched.isUnknownOption()) {
      var word = unmatched.getUnmatched().getFirst();
      return command.getParent() == null
          ? "unknown command \"" + word + "\" for \"kirictl\""
          : "unknown subcommand \"" + word + "\"";
    }
    return problem.getMessage();
  }

  private static int failed(
      Exception problem, CommandLine command, CommandLine.ParseResult arguments) throws Exception {
    return switch (problem) {
      case CommandFailed failure -> {
        if (failure.exitCode() == CommandFailed.USAGE) {
          command.usage(command.getErr());
        }
        command.getErr().println("Error: " + failure.getMessage());
        yield failure.exitCode();
      }
      case MeshException failure -> {
        command.getErr().println("Error: " + failure.getMessage());
        yield CommandFailed.FAILED;
      }
      default -> throw problem;
    };
  }
}
