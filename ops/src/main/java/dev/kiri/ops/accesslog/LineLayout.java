package dev.kiri.ops.accesslog;

import java.time.Instant;
import java.time.ZoneOffset;

/// Puts one line together, field by field, in one of the two formats. Confined to the thread that
/// makes it; used for one line.
///
/// Plain: `2026-11-24T02:16:59.535581Z\tinfo\tscope\tmessage\tkey=value key="text"`. The tab after
/// the message is always there, as upstream has it.
public final class LineLayout {
  private final LogFormat format;
  private final StringBuilder line = new StringBuilder(512);
  private boolean first = true;

  private LineLayout(LogFormat format) {
    this.format = format;
  }

  /// Begins a line with its four leading fields.
  public static LineLayout begin(
      LogFormat format, Instant time, LogLevel level, String scope, String message) {
    var layout = new LineLayout(format);
    switch (format) {
      case PLAIN -> {
        layout.time(time);
        layout.line.append('\t').append(level.text()).append('\t').append(scope).append('\t');
        layout.oneLine(message);
        layout.line.append('\t');
      }
      case JSON -> {
        layout.line.append("{\"level\":\"").append(level.text()).append("\",\"time\":\"");
        layout.time(time);
        layout.line.append('"');
        layout.quoted("scope", scope).quoted("message", message);
      }
    }
    return layout;
  }

  /// A text that is quoted in both formats.
  public LineLayout quoted(String key, String value) {
    key(key);
    line.append('"');
    escaped(value);
    line.append('"');
    return this;
  }

  /// A text that is quoted in JSON only, such as an address.
  public LineLayout bare(String key, String value) {
    if (format == LogFormat.JSON) {
      return quoted(key, value);
    }
    key(key);
    line.append(value);
    return this;
  }

  /// A number.
  public LineLayout number(String key, long value) {
    key(key);
    line.append(value);
    return this;
  }

  /// The finished line, without line break.
  public String end() {
    if (format == LogFormat.JSON) {
      line.append('}');
    }
    return line.toString();
  }

  private void key(String key) {
    if (format == LogFormat.JSON) {
      line.append(",\"").append(key).append("\":");
      return;
    }
    if (!first) {
      line.append(' ');
    }
    first = false;
    line.append(key).append('=');
  }

  private void time(Instant time) {
    var utc = time.atOffset(ZoneOffset.UTC);
    digits(utc.getYear(), 4).append('-');
    digits(utc.getMonthValue(), 2).append('-');
    digits(utc.getDayOfMonth(), 2).append('T');
    digits(utc.getHour(), 2).append(':');
    digits(utc.getMinute(), 2).append(':');
    digits(utc.getSecond(), 2).append('.');
    digits(utc.getNano() / 1000, 6).append('Z');
  }

  private StringBuilder digits(int value, int width) {
    for (int unit = (int) Math.pow(10, width - 1); unit > 0; unit /= 10) {
      line.append((char) ('0' + value / unit % 10));
    }
    return line;
  }

  /// A plain message stays on its line.
  private void oneLine(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        default -> line.append(c);
      }
    }
  }

  private void escaped(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> line.append("\\\"");
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> {
          if (c < 0x20) {
            line.append(String.format("\\u%04x", (int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
  }
}
