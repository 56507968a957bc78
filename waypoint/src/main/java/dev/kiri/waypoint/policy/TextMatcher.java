package dev.kiri.waypoint.policy;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.Span;
import java.util.Locale;

/// The value forms of a policy: `abc`, `abc*`, `*abc`, `*` (present and not empty). At most one
/// `*`, first or last.
final class TextMatcher {
  private enum Form {
    EXACT,
    PREFIX,
    SUFFIX,
    PRESENT
  }

  private final Form form;
  private final String text;
  private final boolean ignoreCase;

  private TextMatcher(Form form, String text, boolean ignoreCase) {
    this.form = form;
    this.text = ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
    this.ignoreCase = ignoreCase;
  }

  /// @throws IllegalArgumentException for an empty value or a `*` in the middle
  static TextMatcher parse(String value, boolean ignoreCase) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("must not be empty");
    }
    if (value.equals("*")) {
      return new TextMatcher(Form.PRESENT, "", ignoreCase);
    }
    int star = value.indexOf('*');
    if (star < 0) {
      return new TextMatcher(Form.EXACT, value, ignoreCase);
    }
    if (star != value.lastIndexOf('*') || (star != 0 && star != value.length() - 1)) {
      throw new IllegalArgumentException(
          "\"" + value + "\": one * is allowed, as the first or the last character");
    }
    return star == 0
        ? new TextMatcher(Form.SUFFIX, value.substring(1), ignoreCase)
        : new TextMatcher(Form.PREFIX, value.substring(0, star), ignoreCase);
  }

  boolean matches(String value) {
    int length = value.length();
    int wanted = text.length();
    return switch (form) {
      case PRESENT -> length > 0;
      case EXACT -> length == wanted && value.regionMatches(ignoreCase, 0, text, 0, wanted);
      case PREFIX -> value.regionMatches(ignoreCase, 0, text, 0, wanted);
      case SUFFIX ->
          length >= wanted && value.regionMatches(ignoreCase, length - wanted, text, 0, wanted);
    };
  }

  boolean matches(Head head, long span) {
    int length = Span.length(span);
    int start = Span.start(span);
    int wanted = text.length();
    return switch (form) {
      case PRESENT -> length > 0;
      case EXACT -> length == wanted && region(head.bytes(), start);
      case PREFIX -> length >= wanted && region(head.bytes(), start);
      case SUFFIX -> length >= wanted && region(head.bytes(), start + length - wanted);
    };
  }

  private boolean region(byte[] bytes, int start) {
    for (int i = 0; i < text.length(); i++) {
      byte b = ignoreCase ? Ascii.lower(bytes[start + i]) : bytes[start + i];
      if ((b & 0xff) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
