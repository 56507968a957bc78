package dev.kiri.bench.hbone;

import static java.util.Objects.requireNonNull;

import dev.kiri.bench.output.Output;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./kiri bench hbone`: the costs of the library, each with the limit that it must keep.
@Command(
    name = "hbone",
    description = {
      "What a stream, a byte and a handshake of HBONE cost, each with its limit.",
      "Ends with 1 if a limit is exceeded."
    },
    mixinStandardHelpOptions = true)
public final class HboneBench implements Callable<Integer> {
  private static final List<String> PARTS = List.of("held", "garbage", "handshake", "isolation");

  /// Bytes for each operation of [Garbage], by its method's name.
  private static final Map<String, Double> GARBAGE_LIMITS =
      Map.of(
          "connectOpenAndClose", 2_500.0,
          "data16kSentOrReceived", 64.0,
          "authorityKnown", 1.0,
          "baggageKnown", 1.0);

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PART",
      description = "some of held, garbage, handshake, isolation")
  private List<String> only = PARTS;

  @Mixin private Output output = new Output();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException, RunnerException {
    for (var part : only) {
      if (!PARTS.contains(part)) {
        throw new ParameterException(
            requireNonNull(spec).commandLine(),
            "no part is named " + part + "; accepted: " + String.join(", ", PARTS));
      }
    }
    var figures = new ArrayList<Figure>();
    if (only.contains("held")) {
      figures.add(HeldStreams.measure()); // first: a heap that nothing else has used
    }
    if (only.contains("garbage")) {
      figures.addAll(garbage());
    }
    if (only.contains("handshake")) {
      figures.add(Handshakes.measure());
    }
    if (only.contains("isolation")) {
      figures.addAll(Isolation.measure(Duration.ofSeconds(1)));
    }
    output.print(figures, markdown(figures));
    return figures.stream().allMatch(Figure::kept) ? 0 : 1;
  }

  private static List<Figure> garbage() throws RunnerException {
    var options =
        new OptionsBuilder()
            .include("\\." + Garbage.class.getSimpleName() + "\\.")
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options).run().stream().map(HboneBench::garbage).toList();
  }

  private static Figure garbage(RunResult result) {
    var label = result.getParams().getBenchmark();
    var name = label.substring(label.lastIndexOf('.') + 1);
    return Figure.limited(
        name,
        "bytes/op",
        requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm")).getScore(),
        GARBAGE_LIMITS.getOrDefault(name, 0.0));
  }

  private static String markdown(List<Figure> figures) {
    var out = new StringBuilder("| Figure | Unit | Value | Limit |\n|---|---|---|---|\n");
    figures.forEach(figure -> out.append(figure.row()));
    return out.toString();
  }
}
