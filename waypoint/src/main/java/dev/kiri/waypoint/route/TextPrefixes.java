package dev.kiri.waypoint.route;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Matches by prefixes that are compared character by character: a hash look-up for each length
/// that a prefix has. Filled while compiling, only read afterwards.
final class TextPrefixes {
  private final ByteMap<List<RouteMatch>> prefixes = new ByteMap<>();
  private int[] lengths = new int[0];

  void add(byte[] prefix, RouteMatch match) {
    prefixes.computeIfAbsent(prefix, ArrayList::new).add(match);
    if (Arrays.binarySearch(lengths, prefix.length) < 0) {
      lengths = Arrays.copyOf(lengths, lengths.length + 1);
      lengths[lengths.length - 1] = prefix.length;
      Arrays.sort(lengths);
    }
  }

  /// How many different lengths there are.
  int lengths() {
    return lengths.length;
  }

  /// The matches whose prefix has the length of that index and begins the text; null for none.
  @Nullable List<RouteMatch> at(int index, byte[] bytes, int start, int length) {
    int wanted = lengths[index];
    return wanted > length ? null : prefixes.get(bytes, start, wanted);
  }
}
