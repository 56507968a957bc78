package dev.kiri.waypoint.policy;

import com.google.re2j.Pattern;

/// Path templates of a policy: `{*}` is one segment, `{**}` any number of them and the last
/// operator.
final class PathTemplate {
  private static final Pattern LITERAL = Pattern.compile("[a-zA-Z0-9\\-._~%!$&'()+,;:@=]*");

  private PathTemplate() {}

  static boolean isTemplate(String value) {
    return value.indexOf('{') >= 0 || value.indexOf('}') >= 0;
  }

  /// @throws IllegalArgumentException for anything that is not a template upstream accepts
  static Pattern compile(String value) {
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException("\"" + value + "\": a path template starts with /");
    }
    StringBuilder pattern = new StringBuilder();
    boolean any = false;
    for (String segment : value.substring(1).split("/", -1)) {
      if (segment.equals("{**}") || segment.equals("{*}")) {
        if (any) {
          throw new IllegalArgumentException("\"" + value + "\": {**} is not the last operator");
        }
        any = segment.equals("{**}");
        pattern.append(any ? "(/.*)?" : "/[^/]+");
      } else if (LITERAL.matches(segment)) {
        pattern.append('/').append(Pattern.quote(segment));
      } else {
        throw new IllegalArgumentException(
            "\"" + value + "\": \"" + segment + "\" is neither a literal nor {*} nor {**}");
      }
    }
    return Pattern.compile(pattern.toString());
  }
}
