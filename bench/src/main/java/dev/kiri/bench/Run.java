package dev.kiri.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// One benchmark run: mesh up, memory at rest, warm-up, then blocks. A block runs every load once
/// for each variant, in shuffled order, so that a drift of the machine meets both alike.
record Run(Length length, List<Load> loads) {
  /// How long things take, in seconds.
  enum Length {
    QUICK(2, 2, 3),
    FULL(5, 10, 10);

    private final int blocks;
    private final double seconds;
    private final double warmUp;

    Length(int blocks, double seconds, double warmUp) {
      this.blocks = blocks;
      this.seconds = seconds;
      this.warmUp = warmUp;
    }
  }

  Run {
    loads = List.copyOf(loads);
  }

  /// Adds to the environment what only a running mesh can tell.
  Results execute(Map<String, Object> environment) {
    var results = new Results();
    try (var bed = Bed.start(System.getenv())) {
      environment.put("sysctls in the pods", String.join("; ", bed.tune()));
      rest(Duration.ofSeconds(3));
      memory(bed, "M0", results);
      environment.put("tunnel", CipherSuite.negotiated(bed));
      warmUp(bed);
      for (int block = 1; block <= length.blocks; block++) {
        block(bed, block, results);
      }
      rest(Duration.ofSeconds(3));
      memory(bed, "M-after", results);
    }
    environment.put("load average after", Main.loadAverage());
    return results;
  }

  private void block(Bed bed, int block, Results results) {
    var random = new Random(block);
    for (var load : loads) {
      var variants = new ArrayList<>(List.of(Variant.values()));
      Collections.shuffle(variants, random);
      for (var variant : variants) {
        System.err.printf("block %d of %d: %s %s%n", block, length.blocks, load, variant.text());
        load.run(bed, variant, length.seconds, results);
      }
    }
  }

  /// Until the hot paths of both proxies are compiled.
  private void warmUp(Bed bed) {
    System.err.println("warm-up");
    var unrecorded = new Results();
    for (var load :
        List.of(
            new Load.Bulk(1, false),
            new Load.Bulk(1, true),
            new Load.Requests(16),
            new Load.Connections(16))) {
      load.run(bed, Variant.MESH, length.warmUp, unrecorded);
    }
  }

  private static void memory(Bed bed, String metric, Results results) {
    var proxies = Proxies.of(bed.mesh().state());
    for (double megabytes : proxies.megabytes("VmRSS")) {
      results.add(metric, Variant.MESH, "MB resident, each proxy", megabytes);
    }
    for (double megabytes : proxies.megabytes("RssAnon")) {
      results.add(metric + "-own", Variant.MESH, "MB not shared, each proxy", megabytes);
    }
  }

  static void rest(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchFailed("interrupted");
    }
  }
}
