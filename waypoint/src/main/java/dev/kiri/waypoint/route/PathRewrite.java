package dev.kiri.waypoint.route;

import com.google.re2j.Pattern;

/// A new path for a request or a redirect (Gateway API HTTPPathModifier). The query is kept by
/// whoever applies it.
public sealed interface PathRewrite {
  String apply(String path, PathMatch matched);

  /// Takes the place of what matched: the characters of a prefix, else the whole path. Where no
  /// path was asked for it takes the place of the first slash.
  record Matched(String replacement) implements PathRewrite {
    @Override
    public String apply(String path, PathMatch matched) {
      int replaced =
          switch (matched) {
            case PathMatch.TextPrefix(String text) -> text.length();
            case PathMatch.Prefix prefix -> prefix.trimmed().length();
            case PathMatch.Caseless(String text, boolean prefix) ->
                prefix ? text.length() : path.length();
            case PathMatch.Exact _, PathMatch.Regex _ -> path.length();
            case PathMatch.Any _ -> 1;
          };
      String result = replacement + path.substring(Math.min(replaced, path.length()));
      return result.startsWith("/") ? result : "/" + result;
    }
  }

  /// Replaces every occurrence of a pattern.
  ///
  /// @param substitution in the form of [com.google.re2j.Matcher#replaceAll]
  record Substitution(Pattern pattern, String substitution) implements PathRewrite {
    @Override
    public String apply(String path, PathMatch matched) {
      String result = pattern.matcher(path).replaceAll(substitution);
      return result.startsWith("/") ? result : "/" + result;
    }
  }

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
