package dev.kiri.local.command;

import dev.kiri.local.api.MeshState;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Stops a mesh, or all of them, and removes all they left.
@Command(
    name = "down",
    description = "Stop a mesh and remove everything it left, also after a crash.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri down",
      "  ./kiri down --name other",
      "  ./kiri down --all -o json"
    })
final class DownCommand implements Callable<Integer> {
  @Mixin MeshName name = new MeshName();
  @Mixin Facts facts = new Facts();

  @Option(names = "--all", description = "every mesh of this user")
  boolean all;

  @Override
  public Integer call() {
    var states = all ? MeshState.all() : List.of(name.state());
    boolean any = false;
    for (var state : states) {
      if (Teardown.of(state)) {
        any = true;
        facts.tell("mesh " + state.name() + " is gone", Facts.removed(state.name()));
      }
    }
    if (!any) {
      System.err.println(all ? "no mesh was there" : "there was no mesh named " + name.name);
    }
    return 0;
  }
}
