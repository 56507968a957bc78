package dev.kiri.waypoint.route;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Backends with their shares. Immutable; the caller brings the point, so that a choice can be
/// replayed.
public final class WeightedBackends {
  public static final WeightedBackends NONE = new WeightedBackends(List.of());

  /// One backend and its weight, 0 for "receives nothing".
  public record Share(Backend backend, int weight) {}

  private final List<Share> shares;
  private final Backend[] backends;
  private final long[] upTo;
  private final long total;

  public WeightedBackends(List<Share> shares) {
    this.shares = List.copyOf(shares);
    List<Backend> drawn = new ArrayList<>();
    List<Long> bounds = new ArrayList<>();
    long sum = 0;
    for (Share share : shares) {
      if (share.weight() > 0) {
        sum += share.weight();
        drawn.add(share.backend());
        bounds.add(sum);
      }
    }
    backends = drawn.toArray(new Backend[0]);
    upTo = bounds.stream().mapToLong(Long::longValue).toArray();
    total = sum;
  }

  public List<Share> shares() {
    return shares;
  }

  /// @param point in [0, 1)
  /// @return null when nothing has a weight above 0
  public @Nullable Backend at(double point) {
    if (backends.length < 2) {
      return backends.length == 0 ? null : backends[0];
    }
    long place = (long) (point * total);
    for (int i = 0; i < upTo.length; i++) {
      if (place < upTo[i]) {
        return backends[i];
      }
    }
    return backends[backends.length - 1];
  }
}
