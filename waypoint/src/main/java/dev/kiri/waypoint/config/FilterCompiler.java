package dev.kiri.waypoint.config;

import com.google.re2j.Pattern;
import dev.kiri.waypoint.config.HttpRuleCompiler.Unsupported;
import dev.kiri.waypoint.config.v1.Cors;
import dev.kiri.waypoint.config.v1.Header;
import dev.kiri.waypoint.config.v1.HeaderModifier;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.PathModifier;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Compiles the parameters of single filters. Pure.
final class FilterCompiler {
  private static final Set<Integer> REDIRECT_CODES = Set.of(301, 302, 303, 307, 308);

  /// Any origin that is one by its form; `null` is not (waypoint reference, CORS).
  private static final Pattern ANY_ORIGIN =
      Pattern.compile("[a-zA-Z][a-zA-Z0-9+.\\-]*://[^/\\s?#]+");

  private FilterCompiler() {}

  static HeaderEdits headers(HeaderModifier modifier, String field) {
    List<HeaderName> remove = new ArrayList<>();
    for (String name : modifier.getRemoveList()) {
      remove.add(HttpRouteCompiler.headerName(name, field + ".remove"));
    }
    return new HeaderEdits(
        remove,
        fields(modifier.getSetList(), field + ".set"),
        fields(modifier.getAddList(), field + ".add"));
  }

  /// Of names that differ by case only the first entry counts.
  private static List<HeaderEdits.Field> fields(List<Header> headers, String field) {
    List<HeaderEdits.Field> compiled = new ArrayList<>();
    Set<HeaderName> seen = new HashSet<>();
    for (Header header : headers) {
      HeaderName name = HttpRouteCompiler.headerName(header.getName(), field);
      String value = header.getValue();
      for (int i = 0; i < value.length(); i++) {
        if (value.charAt(i) > 0xff || !Ascii.isFieldContent((byte) value.charAt(i))) {
          throw new InvalidConfig(
              field, "value of " + name + " holds a character that no header may");
        }
      }
      if (seen.add(name)) {
        compiled.add(new HeaderEdits.Field(name, value));
      }
    }
    return compiled;
  }

  static Redirect redirect(RequestRedirect redirect, String field) {
    int status = redirect.getStatusCode() == 0 ? 302 : redirect.getStatusCode();
    if (!REDIRECT_CODES.contains(status)) {
      throw new InvalidConfig(
          field + ".redirect.status_code", status + " is not one of 301, 302, 303, 307, 308");
    }
    return new Redirect(
        orNull(redirect.getScheme()),
        orNull(redirect.getHostname()),
        redirect.hasPath() ? path(redirect.getPath(), field + ".redirect.path") : null,
        redirect.getPort(),
        status);
  }

  static Rewrite rewrite(UrlRewrite rewrite, String field) {
    return new Rewrite(
        orNull(rewrite.getHostname()),
        rewrite.hasPath() ? path(rewrite.getPath(), field + ".rewrite.path") : null);
  }

  private static PathRewrite path(PathModifier modifier, String field) {
    return switch (modifier.getKindCase()) {
      case REPLACE_FULL_PATH -> {
        String path = modifier.getReplaceFullPath();
        yield new PathRewrite.Full(path.startsWith("/") ? path : "/" + path);
      }
      case REPLACE_PREFIX_MATCH -> new PathRewrite.Prefix(modifier.getReplacePrefixMatch());
      case KIND_NOT_SET -> throw new InvalidConfig(field, "no kind this proxy knows");
    };
  }

  static CorsRules cors(Cors cors, String field) {
    List<Pattern> origins = new ArrayList<>();
    boolean any = false;
    for (String origin : cors.getAllowOriginsList()) {
      any |= origin.equals("*");
      origins.add(origin.equals("*") ? ANY_ORIGIN : Pattern.compile(quoted(origin)));
    }
    long age = cors.hasMaxAge() ? cors.getMaxAge().getSeconds() : 5;
    if (age < 0) {
      throw new InvalidConfig(field + ".cors.max_age", "must not be negative");
    }
    return new CorsRules(
        origins,
        any,
        cors.getAllowCredentials(),
        cors.getAllowMethodsList(),
        cors.getAllowHeadersList(),
        cors.getExposeHeadersList(),
        age);
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

  private static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
