package dev.kiri.bench;

import java.time.Duration;

/// What users see of proxies that have just been started: how long after its start a request first
/// gets through both, and the latency of the seconds after that.
record ColdStart(int rate) implements Load {
  private static final Duration LONGEST = Duration.ofMinutes(2);

  @Override
  public String family() {
    return "ST";
  }

  @Override
  public void run(Bed bed, Variant variant, double seconds, Results results) {
    if (!variant.proxied()) {
      return;
    }
    bed.proxies().kill();
    var command =
        Generator.command(
            "cold",
            bed.server(variant),
            "8080",
            "16",
            Generator.text(rate),
            Generator.text(seconds));
    try (var load = bed.begin(variant, "client", LONGEST, command)) {
      var seen = Generator.flawless(load.line(), this);
      double started = bed.proxies().lastStart().toEpochMilli();
      results.add("ST-first", variant, "ms", seen.path("firstMillis").asDouble() - started);
      results.add("ST-p99", variant, "us", seen.path("p99").asDouble());
      results.add("ST-max", variant, "us", seen.path("max").asDouble());
    }
  }
}
