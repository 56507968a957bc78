package dev.kiri.waypoint.head;

/// A range of a head's bytes, packed into one `long` so that it costs no object.
public final class Span {
  /// No range at all, as opposed to an empty one.
  public static final long NONE = -1L;

  private Span() {}

  public static long of(int start, int length) {
    return ((long) start << 32) | length;
  }

  public static int start(long span) {
    return (int) (span >>> 32);
  }

  public static int length(long span) {
    return span == NONE ? 0 : (int) span;
  }

  /// The first index behind the range.
  public static int end(long span) {
    return start(span) + length(span);
  }

  public static boolean isPresent(long span) {
    return span != NONE;
  }
}
