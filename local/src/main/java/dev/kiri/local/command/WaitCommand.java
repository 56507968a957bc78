package dev.kiri.local.command;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Waits until the mesh does all that its manifests say.
@Command(
    name = "wait",
    description = "Wait until every pod and proxy is ready and up to date.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./kiri wait",
      "  ./kiri wait --for=ready --timeout 2m",
      "  ./kiri wait --name other -o json"
    })
final class WaitCommand implements Callable<Integer> {
  /// What is waited for.
  enum Goal {
    READY
  }

  @Mixin MeshName name = new MeshName();
  @Mixin Facts facts = new Facts();

  @Option(names = "--for", defaultValue = "READY", description = "ready")
  Goal goal = Goal.READY;

  @Option(
      names = "--timeout",
      defaultValue = "30s",
      description = "longest wait (default: ${DEFAULT-VALUE})")
  String timeout = "30s";

  @Override
  public Integer call() {
    var limit = Durations.parse(timeout);
    var begin = Instant.now();
    name.mesh().awaitReady(limit, begin, System.err::println);
    facts.tell("ready", Facts.ready(name.name, Duration.between(begin, Instant.now()).toMillis()));
    return 0;
  }
}
