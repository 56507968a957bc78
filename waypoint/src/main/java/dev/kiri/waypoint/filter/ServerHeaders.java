package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Overwrites `server`, as upstream's waypoint does, and says the date where the endpoint does not.
final class ServerHeaders implements Filter {
  static final String NAME = "istio-envoy";

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /// The text of one second, shared by all loops; whoever comes in another second makes the next.
  private volatile Second now = new Second(0, "");

  private record Second(long epoch, String text) {}

  @Override
  public void response(FilterContext context, Head answer, boolean local) {
    answer.set(HeaderName.SERVER, NAME);
    if (!answer.has(HeaderName.DATE)) {
      answer.add(HeaderName.DATE, date());
    }
  }

  private String date() {
    long epoch = System.currentTimeMillis() / 1000;
    Second known = now;
    if (known.epoch() != epoch) {
      known = new Second(epoch, FORMAT.format(Instant.ofEpochSecond(epoch)));
      now = known;
    }
    return known.text();
  }
}
