package dev.kiri.waypoint.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/// Reason phrases of status lines.
final class Reasons {
  private static final String[] KNOWN = new String[600];

  static {
    for (int status = 100; status < KNOWN.length; status++) {
      KNOWN[status] = HttpResponseStatus.valueOf(status).reasonPhrase();
    }
  }

  private Reasons() {}

  static String of(int status) {
    return status < KNOWN.length ? KNOWN[status] : "Unknown";
  }
}
