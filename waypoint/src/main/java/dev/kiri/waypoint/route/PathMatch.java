package dev.kiri.waypoint.route;

import com.google.re2j.Pattern;

/// The path condition of one match.
public sealed interface PathMatch {
  /// What is compared between matches of one type: the number of characters as the user wrote them.
  int characters();

  /// Exact over prefix over regular expression, whatever their lengths.
  int rank();

  record Exact(String path) implements PathMatch {
    @Override
    public int characters() {
      return path.length();
    }

    @Override
    public int rank() {
      return 3;
    }
  }

  /// By whole segments: `/v2` is a prefix of `/v2/x`, not of `/v2x`. A trailing slash has no
  /// meaning.
  record Prefix(String path) implements PathMatch {
    @Override
    public int characters() {
      return path.length();
    }

    @Override
    public int rank() {
      return 2;
    }

    /// Without the trailing slash; empty for `/`, which is a prefix of everything.
    public String trimmed() {
      return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
  }

  /// Must match the whole path, RE2 syntax.
  record Regex(Pattern pattern) implements PathMatch {
    @Override
    public int characters() {
      return pattern.pattern().length();
    }

    @Override
    public int rank() {
      return 1;
    }
  }
}
