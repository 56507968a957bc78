package dev.kiri.bench;

import dev.kiri.bench.controlplane.LargeMesh;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/// What a large mesh costs a node proxy: resident memory of one that has got all of it from a
/// control plane, in no one's way, and come to rest.
record Large(int workloads) implements Load {
  private static final Duration LOOK = Duration.ofSeconds(3);
  private static final int LOOKS = 20;
  private static final int FEWEST_LOOKS = 5; // ours gives memory back until 10 s after the start
  private static final double AT_REST = 0.15; // seconds of CPU between two looks

  @Override
  public String family() {
    return "MX" + workloads / 1000 + "k";
  }

  @Override
  public void run(Bed bed, Variant variant, double seconds, Results results) {
    if (!variant.proxied()) {
      return;
    }
    try (var mesh = LargeMesh.of(workloads)) {
      var builder =
          new ProcessBuilder(bed.proxyCommand())
              .directory(mesh.folder().toFile())
              .redirectErrorStream(true)
              .redirectOutput(mesh.folder().resolve("proxy.log").toFile());
      builder.environment().putAll(mesh.environment());
      var process = builder.start();
      try {
        var proxy = new Proxies(List.of(process.pid()));
        awaitRest(proxy, process);
        results.add(family(), variant, "MB resident", proxy.meanMegabytes("VmRSS"));
        results.add(family() + "-peak", variant, "MB resident", proxy.meanMegabytes("VmHWM"));
      } finally {
        process.destroyForcibly().onExit().join();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitRest(Proxies proxy, Process process) {
    double before = 0;
    for (int look = 1; look <= LOOKS; look++) {
      Run.rest(LOOK);
      if (!process.isAlive()) {
        throw new BenchFailed(this + ": the proxy ended with " + process.exitValue());
      }
      double now = proxy.cpuSeconds();
      if (look >= FEWEST_LOOKS && now - before < AT_REST) {
        return;
      }
      before = now;
    }
    throw new BenchFailed(this + ": the proxy does not come to rest");
  }
}
