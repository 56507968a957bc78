package dev.kiri.bench;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.PathMatch;
import dev.kiri.waypoint.route.RouteClient;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.route.RouteMatch;
import dev.kiri.waypoint.route.RouteTable;
import dev.kiri.waypoint.route.RuleName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/// What it costs to find a rule among many: by prefixes of segments as HTTPRoutes have them, and by
/// prefixes of characters as VirtualServices do.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@State(Scope.Benchmark)
public class LookUp {
  private static final int ROUTES = 5_000;
  private static final double MOST_MICROS = 1;
  private static final double MOST_BYTES = 1;

  private final RouteTable segments = new RouteTable(matches(false));
  private final RouteTable characters = RouteTable.asWritten(matches(true));
  private final Head head = head();

  private static List<RouteMatch> matches(boolean byCharacters) {
    List<RouteMatch> matches = new ArrayList<>();
    for (int i = 0; i < ROUTES; i++) {
      RuleName name = new RuleName("HTTPRoute", "mesh", "many", i, "");
      String path = "/team" + i % 50 + "/service" + i;
      matches.add(
          RouteMatch.of(
              byCharacters ? new PathMatch.TextPrefix(path) : new PathMatch.Prefix(path),
              List.of(),
              List.of(),
              "",
              HttpRule.broken(name, "only to be found"),
              Instant.EPOCH,
              i));
    }
    return matches;
  }

  private static Head head() {
    Head head = new Head();
    head.method(head.append("GET"));
    head.path(head.append("/team7/service2507/items/1"));
    head.authority(head.append("server"));
    return head;
  }

  /// Of an HTTPRoute.
  @Benchmark
  public RouteDecision bySegments() {
    return segments.decide(head, RouteClient.UNKNOWN);
  }

  /// Of a VirtualService.
  @Benchmark
  public RouteDecision byCharacters() {
    return characters.decide(head, RouteClient.UNKNOWN);
  }

  /// Adds the figures; false when one exceeds its limit.
  static boolean measure(Results results) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include("\\." + LookUp.class.getSimpleName() + "\\.")
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT)
            .build();
    boolean kept = true;
    for (var run : new Runner(options).run()) {
      String name = run.getParams().getBenchmark();
      String metric = "LU-" + name.substring(name.lastIndexOf('.') + 1);
      double micros = run.getPrimaryResult().getScore();
      double bytes =
          Objects.requireNonNull(run.getSecondaryResults().get("gc.alloc.rate.norm")).getScore();
      results.add(metric, Variant.WAYPOINT, "us", micros);
      results.add(metric + "-garbage", Variant.WAYPOINT, "bytes", bytes);
      kept &= micros <= MOST_MICROS && bytes < MOST_BYTES;
    }
    return kept;
  }
}
