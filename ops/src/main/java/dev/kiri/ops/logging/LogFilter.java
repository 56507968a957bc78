package dev.kiri.ops.logging;

import dev.kiri.ops.accesslog.LogLevel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which levels are on: a default, and levels for scopes. Immutable. Text form as in `RUST_LOG`:
/// `info,access=debug,proxy.outbound=trace`; the later of two entries for one scope wins. A scope
/// may be written with dots or with `::`, and `scope:level` is understood like `scope=level`.
public record LogFilter(List<String> entries, LogLevel level, Map<String, LogLevel> scopes) {

  public LogFilter {
    entries = List.copyOf(entries);
    scopes = Map.copyOf(scopes);
  }

  /// Throws [IllegalArgumentException] naming the entry that is not understood.
  public static LogFilter parse(String text) {
    var entries = new ArrayList<String>();
    var scopes = new LinkedHashMap<String, LogLevel>();
    var level = LogLevel.ERROR;
    for (var entry : text.split(",", -1)) {
      var trimmed = entry.strip();
      if (trimmed.isEmpty()) {
        continue;
      }
      int at = separator(trimmed);
      if (at < 0) {
        level = LogLevel.parse(trimmed);
        entries.add(level.text());
      } else {
        var scope = trimmed.substring(0, at).replace("::", ".");
        var scoped = LogLevel.parse(trimmed.substring(at + 1));
        scopes.put(scope, scoped);
        entries.add(scope + "=" + scoped.text());
      }
    }
    return new LogFilter(entries, level, scopes);
  }

  /// This filter with the entries of another text behind its own.
  public LogFilter plus(String text) {
    return parse(this + "," + text);
  }

  @Override
  public String toString() {
    return String.join(",", entries);
  }

  /// Position of the sign between scope and level: `=`, or a single `:`.
  private static int separator(String entry) {
    int equals = entry.indexOf('=');
    if (equals >= 0) {
      return equals;
    }
    int colon = entry.lastIndexOf(':');
    return colon > 0 && entry.charAt(colon - 1) != ':' ? colon : -1;
  }
}
