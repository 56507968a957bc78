package dev.kiri.bench;

import static dev.kiri.bench.Variant.DIRECT;
import static dev.kiri.bench.Variant.ENVOY;
import static dev.kiri.bench.Variant.WAYPOINT;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// One run of the layer 7 benchmark: memory at rest, warm-up, blocks of every load with and without
/// the waypoint in shuffled order, route changes, and memory with many routes. Policy, access log
/// and metrics are on, as a user has them.
///
/// @param peer an Envoy that is measured between the other variants
record L7Run(Run.Length length, Optional<Path> peer) {
  private static final int CHANGES = 10;

  void execute(Map<String, Object> environment, Results results) {
    try (Bed bed = Bed.withWaypoint(System.getenv())) {
      environment.put(
          "sysctls in the pods", String.join("; ", bed.tune(List.of(DIRECT, WAYPOINT))));
      peer.ifPresent(bed::addEnvoy);
      peer.ifPresent(envoy -> environment.put("peer", Tools.version(envoy)));
      Run.rest(Duration.ofSeconds(3));
      memory(bed, "M0", results);
      warmUp(bed);
      for (int block = 1; block <= length.blocks(); block++) {
        block(bed, block, results);
      }
      Run.rest(Duration.ofSeconds(3));
      memory(bed, "M-after", results);
      for (double millis : RouteChange.measure(bed, CHANGES)) {
        results.add("RC", WAYPOINT, "ms", millis);
      }
      bed.apply(RouteChange.many(5_000));
      RouteChange.measure(bed, 1);
      Run.rest(Duration.ofSeconds(3));
      memory(bed, "M-5000", results);
    }
    environment.put("load average after", Main.loadAverage());
  }

  private void warmUp(Bed bed) {
    System.err.println("warm-up");
    Results unrecorded = new Results();
    for (Load load : List.of(new Load.Requests(16), new Load.Connections(16))) {
      for (Variant variant : proxied()) {
        load.run(bed, variant, length.warmUp(), unrecorded);
      }
    }
  }

  private void block(Bed bed, int block, Results results) {
    Random random = new Random(block);
    for (Load load : Load.ofRequests()) {
      List<Variant> variants = new ArrayList<>(proxied());
      variants.add(DIRECT);
      Collections.shuffle(variants, random);
      for (Variant variant : variants) {
        System.err.printf("block %d of %d: %s %s%n", block, length.blocks(), load, variant.text());
        load.run(bed, variant, length.seconds(), results);
      }
    }
  }

  private List<Variant> proxied() {
    return peer.isPresent() ? List.of(WAYPOINT, ENVOY) : List.of(WAYPOINT);
  }

  private void memory(Bed bed, String metric, Results results) {
    for (Variant variant : proxied()) {
      bed.proxies(variant).addMemory(metric, variant, "", results);
    }
  }
}
