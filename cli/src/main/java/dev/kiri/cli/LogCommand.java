package dev.kiri.cli;

import dev.kiri.cli.output.CommandFailed;
import dev.kiri.cli.output.Format;
import dev.kiri.local.store.KubeObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `kirictl ztunnel-config log`: shows or changes the log levels of one node proxy, or of all.
@Command(
    name = "log",
    aliases = "o",
    description = "Shows and changes the log levels of node proxies.")
final class LogCommand implements Runnable {
  private final Kirictl root;

  @Mixin private DumpFlags flags = new DumpFlags();

  @Option(
      names = "--level",
      paramLabel = "LEVELS",
      description =
          "LEVEL or SCOPE=LEVEL, several with commas; a level is one of ${COMPLETION-CANDIDATES}",
      completionCandidates = LogLevels.Words.class)
  private @Nullable String level;

  @Option(
      names = {"-r", "--reset"},
      description = "back to the default level, info")
  private boolean reset;

  LogCommand(Kirictl root) {
    this.root = root;
  }

  @Override
  public void run() {
    if (flags.format() != Format.SHORT) {
      throw CommandFailed.because("--output is not applicable for this command");
    }
    if (level != null && reset) {
      throw CommandFailed.usage("--level cannot be combined with --reset");
    }
    flags.check();
    var query = query();
    var proxies = flags.proxies(root);
    Optional<String> failure = Optional.empty();
    for (var proxy : chosen(proxies)) {
      try {
        root.print(
            Ztunnels.fullName(proxy)
                + ":\n"
                + proxies.ask(proxy, "POST", "/logging?" + query)
                + "\n");
      } catch (CommandFailed e) {
        failure = Optional.of(Ztunnels.fullName(proxy) + ": " + e.getMessage());
      }
    }
    failure.ifPresent(
        message -> {
          throw CommandFailed.because(message);
        });
  }

  private String query() {
    if (reset) {
      root.print("log level reset; using default value \"info\" for Ztunnel\n");
      return "level=info&reset";
    }
    var levels = level == null ? "" : LogLevels.translated(level);
    return "level=" + URLEncoder.encode(levels, StandardCharsets.UTF_8);
  }

  private List<KubeObject> chosen(Ztunnels proxies) {
    var argument = flags.pod();
    if (argument == null) {
      if (flags.node() != null) {
        return List.of(proxies.first(null, flags.node()).proxy());
      }
      var all = proxies.all();
      if (all.isEmpty()) {
        throw CommandFailed.because("no pods found");
      }
      return all;
    }
    var pod = proxies.pod(argument);
    if (!Ztunnels.isZtunnel(pod)) {
      throw CommandFailed.because(
          "workloads command is only supported by Ztunnel proxies: " + pod.name());
    }
    return List.of(pod);
  }
}
