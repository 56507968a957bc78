package dev.kiri.cli;

import dev.kiri.cli.output.Format;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `kirictl waypoint generate`: prints the Gateway that `apply` would apply. Asks no cluster.
@Command(name = "generate", description = "Prints the manifest of a waypoint.")
final class WaypointGenerate implements Runnable {
  private final Kirictl root;

  @Mixin private WaypointFlags flags = new WaypointFlags();

  WaypointGenerate(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    root.print(Format.YAML.text(flags.gateway(root.givenNamespace()).fields()));
  }
}
