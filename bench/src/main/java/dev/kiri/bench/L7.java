package dev.kiri.bench;

import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
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
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "md",
      description = "md or json (default: ${DEFAULT-VALUE})")
  private String output = "md";

  @Override
  public Integer call() throws RunnerException {
    if (!output.equals("md") && !output.equals("json")) {
      throw new BenchFailed("--output " + output + ": accepted are md and json");
    }
    var environment = Main.L4.environment(Tools.versions());
    var results = new Results();
    boolean kept = LookUp.measure(results);
    new L7Run(quick ? Run.Length.QUICK : Run.Length.FULL).execute(environment, results);
    System.out.print(
        output.equals("json")
            ? Main.L4.json(environment, results)
            : Main.L4.markdown(environment) + "\n" + results.markdown());
    return kept ? 0 : 1;
  }
}
