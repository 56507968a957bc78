package dev.kiri.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/// One benchmark run: mesh up, memory at rest, warm-up, then blocks. A block runs every load once
/// for each variant, in shuffled order, so that a drift of the machine meets both alike.
///
/// @param peer another node proxy, measured in a mesh of its own between the other variants
record Run(Length length, List<Load> loads, Optional<Path> peer) {
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

    int blocks() {
      return blocks;
    }

    double seconds() {
      return seconds;
    }

    double warmUp() {
      return warmUp;
    }
  }

  /// Until a proxy is called idle: what it gives back it has given back by then.
  private static final Duration IDLE = Duration.ofSeconds(12);

  Run {
    loads = List.copyOf(loads);
  }

  /// Adds to the environment what only a running mesh can tell.
  Results execute(Map<String, Object> environment) {
    var results = new Results();
    var beds = new EnumMap<Variant, Bed>(Variant.class);
    try {
      var ours = Bed.ours(System.getenv());
      beds.put(Variant.DIRECT, ours);
      beds.put(Variant.MESH, ours);
      peer.ifPresent(ztunnel -> beds.put(Variant.PEER, Bed.of(ztunnel, System.getenv())));
      var sysctls = ours.tune(List.of(Variant.DIRECT, Variant.MESH));
      environment.put("sysctls in the pods", String.join("; ", sysctls));
      peer.ifPresent(_ -> bed(beds, Variant.PEER).tune(List.of(Variant.PEER)));
      rest(IDLE);
      memory(beds, "M0", results);
      environment.put("tunnel", CipherSuite.negotiated(ours, Variant.MESH));
      peer.ifPresent(
          ztunnel -> {
            var suite = CipherSuite.negotiated(bed(beds, Variant.PEER), Variant.PEER);
            environment.put("peer", ztunnel.getFileName() + ", tunnel " + suite);
          });
      warmUp(beds);
      for (int block = 1; block <= length.blocks; block++) {
        block(beds, block, results);
      }
      rest(IDLE);
      memory(beds, "M-after", results);
    } finally {
      beds.values().forEach(Bed::close);
    }
    environment.put("load average after", Main.loadAverage());
    return results;
  }

  private static Bed bed(Map<Variant, Bed> beds, Variant variant) {
    return Objects.requireNonNull(beds.get(variant));
  }

  private void block(Map<Variant, Bed> beds, int block, Results results) {
    var random = new Random(block);
    for (var load : loads) {
      var variants = new ArrayList<>(beds.keySet());
      Collections.shuffle(variants, random);
      for (var variant : variants) {
        System.err.printf("block %d of %d: %s %s%n", block, length.blocks, load, variant.text());
        load.run(bed(beds, variant), variant, length.seconds, results);
      }
    }
  }

  /// Until the hot paths of both proxies are compiled.
  private void warmUp(Map<Variant, Bed> beds) {
    System.err.println("warm-up");
    var unrecorded = new Results();
    for (var load :
        List.of(
            new Load.Bulk(1, false),
            new Load.Bulk(1, true),
            new Load.Requests(16),
            new Load.Connections(16))) {
      beds.forEach(
          (variant, bed) -> {
            if (variant.proxied()) {
              load.run(bed, variant, length.warmUp, unrecorded);
            }
          });
    }
  }

  private static void memory(Map<Variant, Bed> beds, String metric, Results results) {
    beds.forEach(
        (variant, bed) -> {
          if (variant.proxied()) {
            bed.proxies().addMemory(metric, variant, ", each proxy", results);
          }
        });
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
