package dev.kiri.ztunnel.settings;

import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.ops.settings.Settings;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/// How many event loops carry the data: `ZTUNNEL_WORKER_THREADS`, else derived from the CPUs.
///
/// A number, `0` for one for each CPU, or a percentage of the CPUs. Without it an explicit CPU
/// limit or request counts as upstream counts it; otherwise there is one loop for two CPUs, which
/// carries more than two do.
final class Workers {
  private Workers() {}

  static int count(Settings env, int online) {
    int limit = env.parsed("ZTUNNEL_RESOURCE_CPU_LIMIT", 0, Workers::wholeCpus);
    int request = env.parsed("ZTUNNEL_RESOURCE_CPU_REQUEST", 0, Workers::wholeCpus);
    int cpus = limit > 0 ? limit : env.integer("ZTUNNEL_CPU_LIMIT", online, 1, 1 << 16);
    int automatic =
        limit > 0
            ? Math.max(limit, request)
            : Math.max(NettyTransport.defaultLoops(Math.min(cpus, 8)), request);
    return env.parsed("ZTUNNEL_WORKER_THREADS", automatic, text -> given(text, cpus));
  }

  private static Integer given(String text, int cpus) {
    if (text.endsWith("%")) {
      int percent = Integer.parseInt(text.substring(0, text.length() - 1));
      if (percent < 1 || percent > 100) {
        throw new IllegalArgumentException("expected 1% to 100%");
      }
      return Math.max(1, Math.ceilDiv(cpus * percent, 100));
    }
    int number = Integer.parseInt(text);
    if (number < 0) {
      throw new IllegalArgumentException("expected a number, 0 or a percentage");
    }
    return number == 0 ? cpus : number;
  }

  /// A Kubernetes quantity, rounded up to whole CPUs.
  static Integer wholeCpus(@Nullable String text) {
    var quantity = text == null ? "" : text;
    boolean milli = quantity.endsWith("m");
    var number = new BigDecimal(milli ? quantity.substring(0, quantity.length() - 1) : quantity);
    var cpus = milli ? number.movePointLeft(3) : number;
    if (cpus.signum() <= 0) {
      throw new IllegalArgumentException("expected a positive quantity");
    }
    return cpus.setScale(0, RoundingMode.CEILING).intValueExact();
  }
}
