package dev.kiri.bench;

import java.time.Duration;
import java.util.List;

/// What a pod notices of another one of its node that saturates the proxy with bulk: latency at a
/// fixed rate, first alone, then beside four streams.
record Neighbour(int rate) implements Load {
  private static final double WARM_UP = 0.5;

  @Override
  public String family() {
    return "ML";
  }

  @Override
  public void run(Bed bed, Variant variant, double seconds, Results results) {
    double alone = p99(bed, variant, seconds);
    double beside;
    var command =
        List.of(
            "iperf3",
            "--forceflush",
            "-p",
            "5201",
            "-c",
            bed.server(variant),
            "-P",
            "4",
            "-t",
            Generator.text(Math.ceil(seconds) + 5));
    try (var noise = bed.begin(variant, "noisy", Duration.ofSeconds(30), command)) {
      noise.awaitLine("connected to");
      Run.rest(Duration.ofMillis(500));
      beside = p99(bed, variant, seconds);
    }
    Run.rest(Duration.ofSeconds(1)); // until the sink takes another test
    results.add("ML-alone-p99", variant, "us", alone);
    results.add("ML-beside-p99", variant, "us", beside);
    results.add("ML", variant, "times its P99 alone", beside / alone);
  }

  private double p99(Bed bed, Variant variant, double seconds) {
    var load =
        Generator.command(
            "open",
            bed.server(variant),
            "8080",
            "16",
            Generator.text(rate),
            Generator.text(WARM_UP),
            Generator.text(seconds));
    return Generator.flawless(bed.load(variant, seconds, load), this).path("p99").asDouble();
  }
}
