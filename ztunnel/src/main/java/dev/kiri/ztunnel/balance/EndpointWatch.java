package dev.kiri.ztunnel.balance;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Watches how this node's connections fare. Thread-safe; asked and told once for each connection,
/// never for its bytes.
///
/// An endpoint that could not be connected to is ejected for [#FIRST]; if it fails again after
/// that, for twice as long each time, up to [#LONGEST]. One success ends it. It is ejected for the
/// pod that could not connect, and for no other: what keeps one pod from an endpoint, such as a
/// network policy, need not keep the others. At most [#MAX_EJECTED] are kept for each pod: beyond
/// that, failures are not remembered.
public final class EndpointWatch implements EndpointView {
  static final Duration FIRST = Duration.ofSeconds(5);
  static final Duration LONGEST = Duration.ofSeconds(40);
  static final int MAX_EJECTED = 200;
  private static final int MANY_SOURCES = 500;

  private record Ejection(long untilNanos, long length) {
    boolean over(long now) {
      return now - untilNanos >= 0;
    }

    /// Long over: a failure now has nothing to do with it.
    boolean stale(long now) {
      return now - untilNanos >= LONGEST.toNanos();
    }
  }

  private final ConcurrentMap<String, ConcurrentMap<EndpointKey, Ejection>> bySource =
      new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Integer> open = new ConcurrentHashMap<>();
  private final LongAdder ejectedEver = new LongAdder();
  private final LongSupplier nanos;

  /// `nanos` is a monotonic clock.
  public EndpointWatch(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public boolean ejected(String source, String workloadUid, int port) {
    var ejections = bySource.get(source);
    if (ejections == null) {
      return false;
    }
    var ejection = ejections.get(new EndpointKey(workloadUid, port));
    return ejection != null && !ejection.over(nanos.getAsLong());
  }

  @Override
  public int open(String workloadUid) {
    return open.getOrDefault(workloadUid, 0);
  }

  /// A connection to the workload begins.
  public void opened(EndpointKey endpoint) {
    open.merge(endpoint.workloadUid(), 1, Integer::sum);
  }

  /// It has ended.
  public void closed(EndpointKey endpoint) {
    open.computeIfPresent(endpoint.workloadUid(), (uid, count) -> count == 1 ? null : count - 1);
  }

  /// The endpoint took a connection of this workload.
  public void succeeded(String source, EndpointKey endpoint) {
    var ejections = bySource.get(source);
    if (ejections != null) {
      ejections.remove(endpoint);
    }
  }

  /// It could not be connected to. Many failures during one ejection count as one.
  public void failed(String source, EndpointKey endpoint) {
    long now = nanos.getAsLong();
    if (bySource.size() >= MANY_SOURCES) { // of pods that are long gone
      bySource.values().removeIf(old -> old.values().stream().allMatch(one -> one.stale(now)));
    }
    var ejections = bySource.computeIfAbsent(source, _ -> new ConcurrentHashMap<>());
    if (ejections.size() >= MAX_EJECTED) {
      ejections.values().removeIf(old -> old.over(now));
      if (ejections.size() >= MAX_EJECTED) {
        return;
      }
    }
    ejections.compute(endpoint, (key, before) -> after(before, now));
  }

  private Ejection after(@Nullable Ejection before, long now) {
    if (before != null && !before.over(now)) {
      return before;
    }
    long length =
        before == null || before.stale(now)
            ? FIRST.toNanos()
            : Math.min(2 * before.length(), LONGEST.toNanos());
    ejectedEver.increment();
    return new Ejection(now + length, length);
  }

  /// How many endpoints are ejected now, counted for each pod.
  public int ejectedNow() {
    long now = nanos.getAsLong();
    return (int)
        bySource.values().stream()
            .flatMap(ejections -> ejections.values().stream())
            .filter(ejection -> !ejection.over(now))
            .count();
  }

  /// How many ejections there were.
  public long ejectedEver() {
    return ejectedEver.sum();
  }
}
