package dev.kiri.ztunnel;

import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.settings.InvalidSettings;
import dev.kiri.ops.settings.Settings;
import dev.kiri.ops.training.AotTraining;
import dev.kiri.ztunnel.settings.ZtunnelSettings;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/// The program `ztunnel [proxy|version|help]`, set up by upstream's environment variables.
///
/// Exit codes: 0 after an orderly end, 1 when it could not start or had to give up.
public final class ZtunnelMain {
  private static final String HELP =
      """
      usage: ztunnel [proxy|version|help]

        proxy    carry the connections of the node's pods (the default)
        version  print the version
        help     print this
      Settings come from the environment: see docs/ztunnel.md.
      """;

  private ZtunnelMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    if (AotTraining.requested(arguments)) {
      System.exit(AotTraining.run(ZtunnelTraining::run));
    }
    var command = List.of(arguments).isEmpty() ? "proxy" : arguments[0];
    switch (command) {
      case "proxy" -> System.exit(proxy(System.getenv()));
      case "version" -> System.out.println(BuildVersion.line());
      case "help" -> System.out.print(HELP);
      default -> {
        System.err.println("unknown command: " + command);
        System.err.print(HELP);
        System.exit(1);
      }
    }
  }

  private static int proxy(Map<String, String> environment) throws InterruptedException {
    var env = Settings.of(environment);
    ZtunnelSettings settings;
    try (var logging = Logging.start(env)) {
      var log = LoggerFactory.getLogger("ztunnel");
      try {
        env.finish();
        settings = ZtunnelSettings.from(environment, Runtime.getRuntime().availableProcessors());
      } catch (InvalidSettings invalid) {
        invalid.problems().forEach(log::error);
        return 1;
      }
      log.info("version: {}", BuildVersion.line());
      var drain = Drain.onSignals(settings.drainDeadline());
      try (var ztunnel = Ztunnel.start(settings, logging, drain, ports(settings))) {
        log.debug("listening at {}", ztunnel.addresses());
        return drain.awaitAndRun();
      } catch (StartFailed failed) {
        log.error("cannot start: {}", failed.getMessage());
        log.debug("cannot start", failed);
        return 1;
      }
    }
  }

  private static OperatorPorts.Numbers ports(ZtunnelSettings settings) {
    var usual = OperatorPorts.Numbers.USUAL;
    return new OperatorPorts.Numbers(usual.readiness(), settings.statsPort(), settings.adminPort());
  }
}
