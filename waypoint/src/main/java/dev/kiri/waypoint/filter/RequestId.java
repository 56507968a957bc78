package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Gives every request an `x-request-id` (a UUID whose version digit says "not traced", as Envoy
/// packs it) and `x-forwarded-proto`. What a client sent stays.
final class RequestId implements Filter {
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  @Override
  public @Nullable LocalReply request(FilterContext context) {
    Head head = context.head();
    if (!head.has(HeaderName.X_REQUEST_ID)) {
      head.add(HeaderName.X_REQUEST_ID, uuid());
    }
    if (!head.has(HeaderName.X_FORWARDED_PROTO)) {
      head.add(HeaderName.X_FORWARDED_PROTO, "http");
    }
    return null;
  }

  private static String uuid() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = random.nextLong() & ~0xf000L | 0x4000L;
    long low = random.nextLong() & ~(3L << 62) | 1L << 63;
    char[] text = new char[36];
    int at = 0;
    for (int i = 0; i < 32; i++) {
      if (i == 8 || i == 12 || i == 16 || i == 20) {
        text[at++] = '-';
      }
      long half = i < 16 ? high : low;
      text[at++] = DIGITS[(int) (half >>> (60 - 4 * (i & 15))) & 15];
    }
    return new String(text);
  }
}
