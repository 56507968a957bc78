package dev.kiri.local.command;

import dev.kiri.local.api.MeshException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The root of the local mesh's commands. Exit codes: 0 done, 1 failed, 2 not understood, 3
/// something this machine lacks; `exec` passes on what its command ended with.
@Command(
    name = "kiri",
    mixinStandardHelpOptions = true,
    description = "A whole ambient mesh on this machine.",
    subcommands = {
      DemoCommand.class,
      FaultCommand.class,
      UpCommand.class,
      DownCommand.class,
      ApplyCommand.class,
      DeleteCommand.class,
      GetCommand.class,
      ExecCommand.class,
      LogsCommand.class,
      WaitCommand.class
    })
public final class LocalCommand {
  private LocalCommand() {}

  /// Runs a command line and returns its exit code.
  public static int run(String... args) {
    return line().execute(args);
  }

  static CommandLine line() {
    return new CommandLine(new LocalCommand())
        .setExecutionExceptionHandler(LocalCommand::report)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static int report(Exception failure, CommandLine command, CommandLine.ParseResult result)
      throws Exception {
    if (failure instanceof MeshException) {
      command.getErr().println(failure.getMessage());
      return 1;
    }
    if (failure instanceof NotUnderstood) {
      command.getErr().println(failure.getMessage());
      return 2;
    }
    if (failure instanceof MissingPrerequisite) {
      command.getErr().println(failure.getMessage());
      return 3;
    }
    throw failure;
  }
}
