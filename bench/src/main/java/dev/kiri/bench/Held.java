package dev.kiri.bench;

import java.time.Duration;

/// What connections cost that are only held: resident memory of each proxy, for each of them. Every
/// one has carried one request before.
record Held(int connections) implements Load {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  @Override
  public String family() {
    return "M" + connections / 1000 + "k";
  }

  @Override
  public void run(Bed bed, Variant variant, double seconds, Results results) {
    if (!variant.proxied()) {
      return;
    }
    double before = bed.proxies().meanMegabytes("VmRSS");
    var command =
        Generator.command("hold", bed.server(variant), "8080", Integer.toString(connections));
    try (var holding = bed.begin(variant, "client", LONGEST, command)) {
      Generator.flawless(holding.line(), this);
      Run.rest(Duration.ofSeconds(2));
      double held = bed.proxies().meanMegabytes("VmRSS");
      results.add(family(), variant, "MB resident, each proxy", held);
      results.add(
          family() + "-each",
          variant,
          "KB resident, each connection and proxy",
          (held - before) * 1024 / connections);
      holding.stop();
      holding.line();
    }
    Run.rest(Duration.ofSeconds(3));
    results.add(
        family() + "-closed",
        variant,
        "MB resident, each proxy",
        bed.proxies().meanMegabytes("VmRSS"));
  }
}
