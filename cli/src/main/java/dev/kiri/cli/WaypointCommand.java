package dev.kiri.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `kirictl waypoint`: shows its sub-commands.
@Command(name = "waypoint", description = "Creates, shows and deletes waypoints.")
final class WaypointCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  static CommandLine commandLine(Kirictl root) {
    return new CommandLine(new WaypointCommand())
        .addSubcommand(new WaypointGenerate(root))
        .addSubcommand(new WaypointApply(root))
        .addSubcommand(new WaypointList(root))
        .addSubcommand(new WaypointStatus(root))
        .addSubcommand(new WaypointDelete(root));
  }

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }
}
