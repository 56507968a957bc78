package dev.kiri.controlplane;

import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.settings.InvalidSettings;
import dev.kiri.ops.settings.Settings;
import dev.kiri.ops.training.AotTraining;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/// The control plane's program. Exit codes: 0 ended when asked to, 1 failed, 2 not understood.
public final class ControlPlaneMain {
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private ControlPlaneMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.exit(run(arguments, System.getenv()));
  }

  private static int run(String[] arguments, Map<String, String> environment)
      throws InterruptedException {
    if (AotTraining.requested(arguments)) {
      return AotTraining.run(TrainingRun::run);
    }
    if (List.of(arguments).contains("--help")) {
      System.out.print(ControlPlaneSettings.USAGE);
      return 0;
    }
    ControlPlaneSettings settings;
    Logging logging;
    try {
      Settings logSettings = Settings.of(environment);
      logging = Logging.start(logSettings);
      logSettings.finish();
      if (!environment.getOrDefault("RUST_LOG", "").contains("io.fabric8")) {
        // what the client warns of with a stack trace, the source tells in one line
        logging.add("io.fabric8=error");
      }
      settings = ControlPlaneSettings.of(arguments, environment);
    } catch (InvalidSettings invalid) {
      System.err.println(invalid.getMessage());
      return 2;
    }
    try (logging) {
      Drain drain = Drain.onSignals(DRAIN);
      ControlPlane plane = ControlPlane.start(settings, Clock.systemUTC(), version());
      drain.step(
          "control plane",
          _ ->
              CompletableFuture.runAsync(
                  plane::close, task -> Thread.ofVirtual().name("close").start(task)));
      return drain.awaitAndRun();
    } catch (InterruptedException interrupted) {
      throw interrupted;
    } catch (Exception failed) {
      org.slf4j.LoggerFactory.getLogger("controlplane").error("cannot start", failed);
      return 1;
    }
  }

  private static String version() {
    return Objects.requireNonNullElse(
        ControlPlaneMain.class.getPackage().getImplementationVersion(), "0.1.0-SNAPSHOT");
  }
}
