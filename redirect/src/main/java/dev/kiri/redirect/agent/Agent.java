package dev.kiri.redirect.agent;

import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.settings.InvalidSettings;
import dev.kiri.ops.settings.Settings;
import dev.kiri.ops.training.AotTraining;
import dev.kiri.redirect.netns.HomeNetns;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The agent as a program: settings, a look at the machine, then run until told to stop.
public final class Agent {
  private static final int BAD_USAGE = 2;
  private static final int CANNOT_RUN = 1;
  private static final Duration DRAIN = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger("cni-agent");

  private Agent() {}

  /// Runs the program.
  ///
  /// @return its exit code
  public static int run(String[] arguments, Map<String, String> environment)
      throws InterruptedException {
    if (AotTraining.requested(arguments)) {
      var settings = AgentSettings.read(Settings.of(AgentTraining.environment()));
      return AotTraining.run(() -> AgentTraining.run(settings));
    }
    AgentSettings settings;
    Logging logging;
    try {
      var reader = Settings.of(AgentSettings.environment(arguments, environment));
      logging = Logging.start(reader);
      settings = AgentSettings.read(reader);
      reader.finish();
    } catch (InvalidSettings | IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      return BAD_USAGE;
    }
    try (logging) {
      return run(settings, environment);
    }
  }

  private static int run(AgentSettings settings, Map<String, String> environment)
      throws InterruptedException {
    try {
      var home = HomeNetns.ofThisThread();
      return switch (Preflight.examine(home, settings.capture(), environment)) {
        case Preflight.Report.Impossible(var text) -> {
          LOG.error("cannot capture traffic on this machine: {}", text);
          yield CANNOT_RUN;
        }
        case Preflight.Report.Ready machine -> serve(settings, home, machine);
      };
    } catch (IOException | RuntimeException failed) {
      LOG.error("the agent cannot start: {}", failed.getMessage());
      return CANNOT_RUN;
    }
  }

  private static int serve(AgentSettings settings, HomeNetns home, Preflight.Report.Ready machine)
      throws IOException, InterruptedException {
    if (machine.warning() != null) {
      LOG.warn("{}", machine.warning());
    }
    var agent = RedirectAgent.start(settings, home, machine);
    // Not before: a start that fails must not wait for the end of what never began.
    var drain = Drain.onSignals(DRAIN);
    drain.step("agent", _ -> CompletableFuture.runAsync(agent::close));
    return drain.awaitAndRun();
  }
}
