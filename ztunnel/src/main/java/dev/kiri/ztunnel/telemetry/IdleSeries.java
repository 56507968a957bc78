package dev.kiri.ztunnel.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Bounds the sets of labels of some families: of more than [#MAX] those go that were not used for
/// [#IDLE]. Thread-safe.
public final class IdleSeries {
  public static final int MAX = 1_000;
  public static final Duration IDLE = Duration.ofMinutes(30);

  private final LongSupplier nanos;
  private final Consumer<String[]> forget;
  private final ConcurrentMap<List<String>, Long> lastUsed = new ConcurrentHashMap<>();

  /// `nanos` is a monotonic clock; `forget` is to remove the labels from all families.
  public IdleSeries(LongSupplier nanos, Consumer<String[]> forget) {
    this.nanos = nanos;
    this.forget = forget;
  }

  /// These labels are used now.
  public String[] used(List<String> values) {
    if (lastUsed.put(values, nanos.getAsLong()) == null && lastUsed.size() > MAX) {
      removeIdle();
    }
    return values.toArray(String[]::new);
  }

  private void removeIdle() {
    long now = nanos.getAsLong();
    lastUsed.forEach(
        (values, used) -> {
          if (now - used > IDLE.toNanos() && lastUsed.remove(values, used)) {
            forget.accept(values.toArray(String[]::new));
          }
        });
  }
}
