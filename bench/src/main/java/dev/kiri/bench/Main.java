package dev.kiri.bench;

import dev.kiri.bench.controlplane.ControlPlaneBench;
import dev.kiri.bench.controlplane.PlaneFailed;
import dev.kiri.bench.hbone.HboneBench;
import dev.kiri.bench.output.Output;
import dev.kiri.local.api.MeshException;
import dev.kiri.ops.training.AotTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `./kiri bench l4`: what the mesh costs on the way of plain connections. `./kiri bench l7`: what
/// a waypoint costs on the way of requests. `./kiri bench hbone`: what the library costs by itself.
/// `./kiri bench controlplane`: the control plane of a large cluster.
@Command(
    name = "bench",
    description = "Measures the mesh beside the same pods without it.",
    mixinStandardHelpOptions = true,
    subcommands = {Main.L4.class, L7.class, HboneBench.class, ControlPlaneBench.class},
    synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
  private Main() {}

  /// Ends the process: 0 done, 1 failed, 2 not understood.
  public static void main(String[] arguments) {
    if (AotTraining.requested(arguments)) {
      System.exit(AotTraining.run(Training::run));
    }
    System.exit(
        new CommandLine(new Main()).setExecutionExceptionHandler(Main::failed).execute(arguments));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  private static int failed(
      Exception problem, CommandLine command, CommandLine.ParseResult arguments) throws Exception {
    return switch (problem) {
      case BenchFailed _, PlaneFailed _, MeshException _ -> {
        System.err.println("bench: " + problem.getMessage());
        yield 1;
      }
      default -> throw problem;
    };
  }

  @Command(
      name = "l4",
      description = "Bulk, requests, connections, latency, CPU and memory through two ztunnels.",
      mixinStandardHelpOptions = true)
  static final class L4 implements Callable<Integer> {
    @Option(names = "--quick", description = "under three minutes, with wider spread")
    private boolean quick;

    @Option(
        names = "--only",
        split = ",",
        paramLabel = "METRIC",
        description =
            "some of T1, T8, RQ, NC, LQ, ML, M1k, M10k, MX10k, MX100k, DR, ST (CPU per unit of work"
                + " comes along); default: all, or the first five with --quick")
    private List<String> only = new ArrayList<>();

    @Option(
        names = "--peer",
        paramLabel = "ztunnel=PATH",
        description = "measure another ztunnel in the same run: an executable, upstream's for one")
    private Map<String, Path> peers = new LinkedHashMap<>();

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
      for (var metric : only) {
        if (!Load.FAMILIES.containsKey(metric)) {
          throw new BenchFailed(
              "there is no metric named "
                  + metric
                  + "; accepted: "
                  + String.join(", ", Load.FAMILIES.keySet().stream().sorted().toList()));
        }
      }
      var peer = Peers.only("ztunnel", peers);
      var environment = environment();
      var loads =
          only.isEmpty()
              ? (quick ? Load.usual() : Load.all())
              : Load.all().stream().filter(load -> only.contains(load.family())).toList();
      var run = new Run(quick ? Run.Length.QUICK : Run.Length.FULL, loads, peer);
      var results = run.execute(environment);
      output.print(environment, results.objects(), results.markdown());
      return 0;
    }
  }

  /// What a run on a mesh says of the machine and the tools before it.
  static Map<String, Object> environment() {
    var out = Output.machine();
    out.putAll(Tools.versions());
    out.put("load average before", loadAverage());
    return out;
  }

  /// Averages over 1, 5 and 15 minutes: more than a few tenths before a run means other work.
  static String loadAverage() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
