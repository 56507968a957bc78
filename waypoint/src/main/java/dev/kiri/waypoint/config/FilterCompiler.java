package dev.kiri.waypoint.config;

import com.google.re2j.Pattern;
import dev.kiri.waypoint.config.HttpRuleCompiler.Unsupported;
import dev.kiri.waypoint.config.v1.Cors;
import dev.kiri.waypoint.config.v1.Header;
import dev.kiri.waypoint.config.v1.HeaderModifier;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.PathModifier;
import dev.kiri.waypoint.config.v1.RegexSubstitution;
import dev.kiri.waypoint.config.v1.RequestRedirect;
import dev.kiri.waypoint.config.v1.UrlRewrite;
import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.BackendFilters;
import dev.kiri.waypoint.route.CorsRules;
import dev.kiri.waypoint.route.HeaderEdits;
import dev.kiri.waypoint.route.PathRewrite;
import dev.kiri.waypoint.route.Redirect;
import dev.kiri.waypoint.route.Rewrite;
import dev.kiri.waypoint.route.ValueFormat;
import dev.kiri.waypoint.route.ValueMatch;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Compiles the parameters of single filters. Pure.
final class FilterCompiler {
  private static final Set<Integer> REDIRECT_CODES = Set.of(301, 302, 303, 307, 308);

  private static final Set<HeaderName> FRAMING =
      Set.of(
          HeaderName.CONTENT_LENGTH,
          HeaderName.TRANSFER_ENCODING,
          HeaderName.CONNECTION,
          HeaderName.KEEP_ALIVE,
          HeaderName.PROXY_CONNECTION,
          HeaderName.UPGRADE,
          HeaderName.TE);

  /// Any origin that is one by its form; `null` is not (waypoint reference, CORS).
  private static final Pattern ANY_ORIGIN =
      Pattern.compile("[a-zA-Z][a-zA-Z0-9+.\\-]*://[^/\\s?#]+");

  private FilterCompiler() {}

  static HeaderEdits headers(HeaderModifier modifier, String field) {
    List<HeaderName> remove = new ArrayList<>();
    for (String name : modifier.getRemoveList()) {
      remove.add(MatchCompiler.headerName(name, field + ".remove"));
    }
    return new HeaderEdits(
        remove,
        fields(modifier.getSetList(), modifier.getFormatted(), field + ".set"),
        fields(modifier.getAddList(), modifier.getFormatted(), field + ".add"));
  }

  /// What says where a message ends is the proxy's: a wrong length would let one request begin
  /// within another on a connection that many share.
  private static HeaderName written(String text, String field) {
    HeaderName name = MatchCompiler.headerName(text, field);
    if (FRAMING.contains(name)) {
      throw new InvalidConfig(field, name + " is the proxy's own");
    }
    return name;
  }

  /// Of names that differ by case only the first entry counts.
  private static List<HeaderEdits.Field> fields(
      List<Header> headers, boolean formatted, String field) {
    List<HeaderEdits.Field> compiled = new ArrayList<>();
    Set<HeaderName> seen = new HashSet<>();
    for (Header header : headers) {
      HeaderName name = written(header.getName(), field);
      String value = header.getValue();
      for (int i = 0; i < value.length(); i++) {
        if (value.charAt(i) > 0xff || !Ascii.isFieldContent((byte) value.charAt(i))) {
          throw new InvalidConfig(
              field, "value of " + name + " holds a character that no header may");
        }
      }
      if (seen.add(name)) {
        boolean variables = formatted && value.indexOf('%') >= 0;
        compiled.add(new HeaderEdits.Field(name, value, variables ? format(value, field) : null));
      }
    }
    return compiled;
  }

  private static ValueFormat format(String value, String field) {
    try {
      return ValueFormat.parse(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfig(field, String.valueOf(e.getMessage()));
    }
  }

  static Redirect redirect(RequestRedirect redirect, String field) {
    int status = redirect.getStatusCode() == 0 ? 302 : redirect.getStatusCode();
    if (!REDIRECT_CODES.contains(status)) {
      throw new InvalidConfig(
          field + ".redirect.status_code", status + " is not one of 301, 302, 303, 307, 308");
    }
    return new Redirect(
        orNull(visible(redirect.getScheme(), field + ".redirect.scheme")),
        orNull(visible(redirect.getHostname(), field + ".redirect.hostname")),
        redirect.hasPath() ? path(redirect.getPath(), field + ".redirect.path") : null,
        redirect.getPort(),
        switch (redirect.getPortRule()) {
          case PORT_RULE_UNSPECIFIED, UNRECOGNIZED -> Redirect.PortRule.SCHEME_OR_SERVICE;
          case AS_ADDRESSED -> Redirect.PortRule.AS_ADDRESSED;
          case PROTOCOL_DEFAULT -> Redirect.PortRule.SCHEME;
          case SERVICE_PORT -> Redirect.PortRule.SERVICE;
        },
        status);
  }

  static Rewrite rewrite(UrlRewrite rewrite, String field) {
    return new Rewrite(
        orNull(visible(rewrite.getHostname(), field + ".rewrite.hostname")),
        rewrite.hasPath() ? path(rewrite.getPath(), field + ".rewrite.path") : null);
  }

  private static PathRewrite path(PathModifier modifier, String field) {
    return switch (modifier.getKindCase()) {
      case REPLACE_FULL_PATH -> {
        String path = visible(modifier.getReplaceFullPath(), field);
        yield new PathRewrite.Full(path.startsWith("/") ? path : "/" + path);
      }
      case REPLACE_PREFIX_MATCH ->
          new PathRewrite.Prefix(visible(modifier.getReplacePrefixMatch(), field));
      case REPLACE_MATCHED -> new PathRewrite.Matched(visible(modifier.getReplaceMatched(), field));
      case REGEX -> substitution(modifier.getRegex(), field + ".regex");
      case KIND_NOT_SET -> throw new InvalidConfig(field, "no kind this proxy knows");
    };
  }

  /// RE2 writes groups as `\\1`, its Java form as `$1`.
  private static PathRewrite substitution(RegexSubstitution regex, String field) {
    Pattern pattern = MatchCompiler.regex(regex.getPattern(), field + ".pattern");
    String written = visible(regex.getSubstitution(), field + ".substitution");
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < written.length(); i++) {
      char c = written.charAt(i);
      char next = i + 1 < written.length() ? written.charAt(i + 1) : 0;
      if (c == '\\' && next >= '0' && next <= '9') {
        if (next - '0' > pattern.groupCount()) {
          throw new InvalidConfig(
              field + ".substitution",
              "\"" + written + "\" names group " + next + " of " + pattern.groupCount());
        }
        out.append('$').append(next);
        i++;
      } else if (c == '\\' && next == '\\') {
        out.append("\\\\");
        i++;
      } else if (c == '\\') {
        throw new InvalidConfig(
            field + ".substitution", "\"" + written + "\" has a \\ without a group behind it");
      } else if (c == '$') {
        out.append("\\$");
      } else {
        out.append(c);
      }
    }
    return new PathRewrite.Substitution(pattern, out.toString());
  }

  static CorsRules cors(Cors cors, String field) {
    List<ValueMatch> origins = new ArrayList<>();
    for (String origin : cors.getAllowOriginsList()) {
      origins.add(
          new ValueMatch.Regex(origin.equals("*") ? ANY_ORIGIN : Pattern.compile(quoted(origin))));
    }
    for (int i = 0; i < cors.getOriginMatchesCount(); i++) {
      origins.add(
          MatchCompiler.value(cors.getOriginMatches(i), field + ".cors.origin_matches[" + i + "]"));
    }
    if (cors.hasMaxAge() && cors.getMaxAge().getSeconds() < 0) {
      throw new InvalidConfig(field + ".cors.max_age", "must not be negative");
    }
    return new CorsRules(
        origins,
        cors.getAllowCredentials(),
        cors.getAllowMethodsList(),
        cors.getAllowHeadersList(),
        cors.getExposeHeadersList(),
        cors.hasMaxAge() ? cors.getMaxAge().getSeconds() : -1,
        cors.getForwardUnmatchedPreflights());
  }

  private static String quoted(String origin) {
    StringBuilder pattern = new StringBuilder();
    String[] parts = origin.split("\\*", -1);
    for (int i = 0; i < parts.length; i++) {
      pattern.append(i == 0 ? "" : ".*").append(Pattern.quote(parts[i]));
    }
    return pattern.toString();
  }

  /// @throws Unsupported for a filter that has no meaning at a single backend
  static BackendFilters backendFilters(List<HttpFilter> filters, String field) {
    if (filters.isEmpty()) {
      return BackendFilters.NONE;
    }
    HeaderEdits request = HeaderEdits.NONE;
    HeaderEdits response = HeaderEdits.NONE;
    @Nullable Rewrite rewrite = null;
    @Nullable Redirect redirect = null;
    for (HttpFilter filter : filters) {
      switch (filter.getFilterCase()) {
        case REQUEST_HEADERS -> request = headers(filter.getRequestHeaders(), field);
        case RESPONSE_HEADERS -> response = headers(filter.getResponseHeaders(), field);
        case REWRITE -> rewrite = rewrite(filter.getRewrite(), field);
        case REDIRECT -> redirect = redirect(filter.getRedirect(), field);
        case INVALID -> throw new Unsupported(HttpRuleCompiler.text(filter.getInvalid()));
        case MIRROR, CORS ->
            throw new Unsupported(
                "filter " + filter.getFilterCase() + " is not supported at a backend");
        case FILTER_NOT_SET -> throw new InvalidConfig(field, "no filter this proxy knows");
      }
    }
    return new BackendFilters(request, response, rewrite, redirect);
  }

  /// What goes into a request line or a field of one's own must not end it.
  private static String visible(String text, String field) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == 0x7f || c > 0xff) {
        throw new InvalidConfig(field, "holds a space, a control character or one beyond U+00FF");
      }
    }
    return text;
  }

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
