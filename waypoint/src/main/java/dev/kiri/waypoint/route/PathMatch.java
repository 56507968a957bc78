package dev.kiri.waypoint.route;

import com.google.re2j.Pattern;

/// The path condition of one match. Types are ranked for the Gateway API: exact, prefix, regular
/// expression, any. The others are those of VirtualServices, which are not ranked.
public sealed interface PathMatch {
  /// What is compared between matches of one type: the number of characters as the user wrote them.
  default int characters() {
    return switch (this) {
      case Exact(String path) -> path.length();
      case Prefix(String path) -> path.length();
      case TextPrefix(String path) -> path.length();
      case Caseless(String path, _) -> path.length();
      case Regex(_, int characters) -> characters;
      case Any() -> 0;
    };
  }

  /// Exact over prefix over regular expression, whatever their lengths.
  default int rank() {
    return switch (this) {
      case Exact _ -> 3;
      case Prefix _, TextPrefix _ -> 2;
      case Caseless(_, boolean prefix) -> prefix ? 2 : 3;
      case Regex _ -> 1;
      case Any() -> 0;
    };
  }

  record Exact(String path) implements PathMatch {}

  /// By whole segments: `/v2` is a prefix of `/v2/x`, not of `/v2x`. A trailing slash has no
  /// meaning.
  record Prefix(String path) implements PathMatch {
    /// Without the trailing slash; empty for `/`, which is a prefix of everything.
    public String trimmed() {
      return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
  }

  /// Must match the whole path, RE2 syntax.
  ///
  /// @param characters what precedence compares; of a gRPC method the service's count first
  record Regex(Pattern pattern, int characters) implements PathMatch {
    public Regex(Pattern pattern) {
      this(pattern, pattern.pattern().length());
    }
  }

  /// By characters: `/v2` is a prefix of `/v2x`.
  record TextPrefix(String path) implements PathMatch {}

  /// An exact path or a prefix of characters, upper and lower case of ASCII being the same.
  record Caseless(String path, boolean prefix) implements PathMatch {
    boolean matches(String other) {
      return (prefix ? other.length() >= path.length() : other.length() == path.length())
          && other.regionMatches(true, 0, path, 0, path.length());
    }
  }

  /// Every path, behind all others: a gRPC match that names no method.
  record Any() implements PathMatch {}
}
