package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.head.Head;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Names of hosts that requests are for. Stateless.
public final class Hosts {
  private Hosts() {}

  /// The request's, in lower case, without port and brackets; null when there is none.
  public static @Nullable String of(Head head) {
    String text = head.text(head.authority()).toLowerCase(Locale.ROOT);
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      return end < 0 ? null : text.substring(1, end);
    }
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    return host.isEmpty() ? null : host;
  }

  /// Whether `wildcard`, which begins with `*.`, stands for the host: for any number of labels, and
  /// only for names.
  static boolean covers(String wildcard, String host) {
    return host.length() > wildcard.length() - 1
        && host.endsWith(wildcard.substring(1).toLowerCase(Locale.ROOT))
        && !host.startsWith(".");
  }
}
