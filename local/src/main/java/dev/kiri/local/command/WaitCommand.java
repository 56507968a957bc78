package dev.kiri.local.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Waits until the mesh does all that its manifests say.
@Command(
    name = "wait",
    description = "Wait until every pod and proxy is ready and up to date.",
    mixinStandardHelpOptions = true)
final class WaitCommand implements Callable<Integer> {
  /// What is waited for.
  enum Goal {
    READY
  }

  @Mixin MeshName name = new MeshName();

  @Option(names = "--for", defaultValue = "READY", description = "ready")
  Goal goal = Goal.READY;

  @Option(
      names = "--timeout",
      defaultValue = "30s",
      description = "longest wait (default: ${DEFAULT-VALUE})")
  String timeout = "30s";

  @Override
  public Integer call() {
    name.mesh().awaitReady(Durations.parse(timeout), System.err::println);
    System.out.println("ready");
    return 0;
  }
}
