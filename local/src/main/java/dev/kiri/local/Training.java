package dev.kiri.local;

import dev.kiri.local.command.LocalCommand;

/// Loads what commands usually need, so that a start-up cache can be made of it. Changes nothing.
final class Training {
  private Training() {}

  static void run() {
    LocalCommand.run("up", "--help");
    LocalCommand.run("get", "--help");
  }
}
