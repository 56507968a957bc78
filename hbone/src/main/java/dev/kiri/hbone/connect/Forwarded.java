package dev.kiri.hbone.connect;

import org.jspecify.annotations.Nullable;

/// The `forwarded` header of a CONNECT request: who asked (`for`) and for which service (`host`).
/// Immutable. A hint for telemetry, never a fact for policy.
public record Forwarded(@Nullable String forAddress, @Nullable String host) {

  /// Reads the first header line as upstream does (istio/ztunnel `src/proxy/inbound.rs`): parts
  /// between semicolons, trimmed, one pair of quotes removed; null if neither part is there or a
  /// character is outside ASCII.
  public static @Nullable Forwarded parse(String line) {
    String forAddress = null;
    String host = null;
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) > 0x7e || line.charAt(i) < 0x20) {
        return null;
      }
    }
    int from = 0;
    while (from <= line.length()) {
      int semicolon = line.indexOf(';', from);
      int to = semicolon < 0 ? line.length() : semicolon;
      int start = from;
      while (start < to && line.charAt(start) == ' ') {
        start++;
      }
      if (host == null && line.startsWith("host=", start)) {
        host = unquoted(line, start + 5, to);
      } else if (forAddress == null && line.regionMatches(true, start, "for=", 0, 4)) {
        forAddress = unquoted(line, start + 4, to);
      }
      from = to + 1;
    }
    return forAddress == null && host == null ? null : new Forwarded(forAddress, host);
  }

  // without blanks at the end and one pair of quotes
  private static @Nullable String unquoted(String line, int start, int end) {
    int to = end;
    while (to > start && line.charAt(to - 1) == ' ') {
      to--;
    }
    int from = start < to && line.charAt(start) == '"' ? start + 1 : start;
    if (to > from && line.charAt(to - 1) == '"') {
      to--;
    }
    return from >= to ? null : line.substring(from, to);
  }

  /// `for="ip:port"` and, if known, `;host=name` without quotes, in this order (upstream's form).
  public String format() {
    if (host == null) {
      return forAddress == null ? "" : "for=\"" + forAddress + "\"";
    }
    return forAddress == null ? "host=" + host : "for=\"" + forAddress + "\";host=" + host;
  }

  /// At least the length of [#format()].
  public int maxLength() {
    return 16 + (forAddress == null ? 0 : forAddress.length()) + (host == null ? 0 : host.length());
  }
}
