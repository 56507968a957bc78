package dev.kiri.cli.output;

/// A command cannot do what it was asked: the text for the user, and the exit code.
public final class CommandFailed extends RuntimeException {
  /// Something did not work out.
  public static final int FAILED = 1;

  /// The command line makes no sense (`EX_USAGE` of sysexits.h).
  public static final int USAGE = 64;

  /// The input is not what it should be (`EX_DATAERR` of sysexits.h).
  public static final int DATA = 65;

  private final int exitCode;

  private CommandFailed(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public static CommandFailed because(String message) {
    return new CommandFailed(FAILED, message);
  }

  /// The usage text is shown before the message.
  public static CommandFailed usage(String message) {
    return new CommandFailed(USAGE, message);
  }

  public static CommandFailed unreadable(String message) {
    return new CommandFailed(DATA, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
