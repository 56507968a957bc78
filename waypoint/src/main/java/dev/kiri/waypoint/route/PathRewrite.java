package dev.kiri.waypoint.route;

/// A new path for a request or a redirect (Gateway API HTTPPathModifier). The query is kept by
/// whoever applies it.
public sealed interface PathRewrite {
  String apply(String path, PathMatch matched);

  record Full(String path) implements PathRewrite {
    @Override
    public String apply(String old, PathMatch matched) {
      return path;
    }
  }

  /// Exchanges the matched prefix: rest = path without prefix, base = replacement without its
  /// trailing slash.
  record Prefix(String replacement) implements PathRewrite {
    @Override
    public String apply(String path, PathMatch matched) {
      if (!(matched instanceof PathMatch.Prefix prefix)) {
        return path;
      }
      String base =
          replacement.endsWith("/")
              ? replacement.substring(0, replacement.length() - 1)
              : replacement;
      String result = base + path.substring(prefix.trimmed().length());
      return result.isEmpty() ? "/" : result;
    }
  }
}
