package dev.kiri.bench;

import dev.kiri.bench.output.Output;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./kiri bench l7`: a waypoint between two ztunnels, beside the same pods without any of them.
@Command(
    name = "l7",
    description = {
      "Requests, connections, latency, CPU and memory of a waypoint, how soon a route is in force,",
      "and what a look-up among 5000 routes costs. Ends with 1 if the look-up exceeds its limit."
    },
    mixinStandardHelpOptions = true)
final class L7 implements Callable<Integer> {
  @Option(names = "--quick", description = "under three minutes, with wider spread")
  private boolean quick;

  @Option(
      names = "--peer",
      paramLabel = "envoy=PATH",
      description =
          "measure an Envoy in the same run, as the waypoint of a second service: an executable")
  private Map<String, Path> peers = new LinkedHashMap<>();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws RunnerException {
    var peer = Peers.only("envoy", peers);
    var environment = Main.environment();
    var results = new Results();
    boolean kept = LookUp.measure(results);
    new L7Run(quick ? Run.Length.QUICK : Run.Length.FULL, peer).execute(environment, results);
    output.print(environment, results.objects(), results.markdown());
    return kept ? 0 : 1;
  }
}
