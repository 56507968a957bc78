package dev.kiri.controlplane.kinds;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/// What the API server checks about paths and regular expressions, for sources without an API
/// server (gateway-api 15).
final class HttpPathCheck {
  private static final String ALLOWED = "-/._~!$&'()*+,;=:@%";

  private HttpPathCheck() {}

  static void check(Fields path, String value) {
    boolean sound =
        value.startsWith("/")
            && value.length() <= 1024
            && !value.contains("//")
            && !value.contains("/./")
            && !value.contains("/../")
            && !value.contains("%2f")
            && !value.contains("%2F")
            && !value.endsWith("/..")
            && !value.endsWith("/.");
    for (int i = 0; i < value.length() && sound; i++) {
      char c = value.charAt(i);
      sound =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || ALLOWED.indexOf(c) >= 0;
    }
    if (!sound) {
      path.error(
          "value",
          Fields.show(value),
          "a path that begins with / and has no //, /./, /../, %2F or #");
    }
  }

  static void checkRegex(Fields fields, String name, String value) {
    try {
      Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      fields.error(
          name,
          Fields.show(value) + " (" + e.getDescription() + ")",
          "a regular expression in RE2 syntax");
    }
  }
}
