package dev.kiri.bench;

import java.time.Duration;

/// How long proxies take to leave after SIGTERM while connections are held, and how those end.
record Drained(int connections) implements Load {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  @Override
  public String family() {
    return "DR";
  }

  @Override
  public void run(Bed bed, Variant variant, double seconds, Results results) {
    if (!variant.proxied()) {
      return;
    }
    var command =
        Generator.command("hold", bed.server(variant), "8080", Integer.toString(connections));
    try (var holding = bed.begin(variant, "client", LONGEST, command)) {
      Generator.flawless(holding.line(), this);
      double taken = bed.proxies().terminate(LONGEST);
      holding.stop();
      var seen = Generator.json(holding.line());
      results.add("DR", variant, "s until the proxies have gone", taken);
      results.add("DR-reset", variant, "connections reset", seen.path("reset").asDouble());
      results.add("DR-ended", variant, "connections ended", seen.path("ended").asDouble());
    }
    bed.awaitReady();
  }
}
