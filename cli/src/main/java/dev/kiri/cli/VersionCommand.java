package dev.kiri.cli;

import picocli.CommandLine.Command;

/// `kirictl version`.
@Command(name = "version", description = "Shows the versions of kirictl and of the mesh.")
final class VersionCommand implements Runnable {
  private final Kirictl root;

  VersionCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    root.print("client version: " + "\n");
  }
}
