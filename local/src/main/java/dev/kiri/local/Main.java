package dev.kiri.local;

import dev.kiri.local.command.LocalCommand;
import java.io.IOException;

/// The program behind `./kiri` for everything that concerns a mesh on this machine.
public final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    if (args.length == 1 && args[0].equals("--aot-train")) {
      Training.run();
      return;
    }
    System.exit(LocalCommand.run(args));
  }
}
