package dev.kiri.hbone.connect;

import java.util.Locale;
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
      var part = line.substring(from, to).trim();
      if (host == null && part.startsWith("host=")) {
        host = unquoted(part.substring(5));
      } else if (forAddress == null && part.toLowerCase(Locale.ROOT).startsWith("for=")) {
        forAddress = unquoted(part.substring(4));
      }
      from = to + 1;
    }
    return forAddress == null && host == null ? null : new Forwarded(forAddress, host);
  }

  private static @Nullable String unquoted(String value) {
    int from = value.startsWith("\"") ? 1 : 0;
    int to = value.length() > from && value.endsWith("\"") ? value.length() - 1 : value.length();
    return from >= to ? null : value.substring(from, to);
  }

  /// `for="ip:port"` and, if known, `;host=name` without quotes, in this order (upstream's form).
  public String format() {
    var out = new StringBuilder(80);
    if (forAddress != null) {
      out.append("for=\"").append(forAddress).append('"');
    }
    if (host != null) {
      if (!out.isEmpty()) {
        out.append(';');
      }
      out.append("host=").append(host);
    }
    return out.toString();
  }
}
