package dev.kiri.waypoint.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.kiri.waypoint.config.v1.GrpcMethod;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.ClientMatch;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.PathMatch;
import dev.kiri.waypoint.route.RequestCondition;
import dev.kiri.waypoint.route.RouteMatch;
import dev.kiri.waypoint.route.ValueMatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Compiles the conditions of one match. Pure.
final class MatchCompiler {
  /// RE2 programs grow with the text; the API allows 1024 characters of path.
  static final int MAX_REGEX = 4096;

  private MatchCompiler() {}

  static RouteMatch match(
      HttpMatch match, HttpRule rule, Instant created, int position, String field) {
    List<ValueMatch.OfHeader> headers = new ArrayList<>();
    Set<HeaderName> seen = new HashSet<>();
    for (int i = 0; i < match.getHeadersCount(); i++) {
      ValueMatch.OfHeader header = header(match.getHeaders(i), field + ".headers[" + i + "]");
      // Of equal names in one match the first entry counts (gateway API, HTTPHeaderMatch.name).
      if (seen.add(header.name())) {
        headers.add(header);
      }
    }
    List<ValueMatch.OfQuery> queries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < match.getQueryParamsCount(); i++) {
      var query = match.getQueryParams(i);
      if (names.add(query.getName())) {
        queries.add(
            new ValueMatch.OfQuery(
                query.getName(), value(query, field + ".query_params[" + i + "]")));
      }
    }
    PathMatch path = path(match, field + ".path");
    return RouteMatch.of(path, headers, queries, match.getMethod(), rule, created, position)
        .with(others(match, field), match.getPort());
  }

  private static List<RequestCondition> others(HttpMatch match, String field) {
    List<RequestCondition> others = new ArrayList<>();
    for (int i = 0; i < match.getWithoutHeadersCount(); i++) {
      others.add(
          new RequestCondition.Without(
              header(match.getWithoutHeaders(i), field + ".without_headers[" + i + "]")));
    }
    if (match.hasScheme()) {
      others.add(new RequestCondition.Scheme(value(match.getScheme(), field + ".scheme")));
    }
    if (match.hasAuthority()) {
      others.add(new RequestCondition.Authority(value(match.getAuthority(), field + ".authority")));
    }
    if (match.hasMethodText()) {
      others.add(new RequestCondition.Method(value(match.getMethodText(), field + ".method_text")));
    }
    if (match.hasClient()) {
      others.add(new RequestCondition.Client(client(match.getClient())));
    }
    return others;
  }

  static ClientMatch client(dev.kiri.waypoint.config.v1.ClientMatch client) {
    return new ClientMatch(
        client.getNamespace(),
        client.getByWorkload() ? Set.copyOf(client.getWorkloadsList()) : null);
  }

  private static PathMatch path(HttpMatch match, String field) {
    var path = match.getPath();
    boolean caseless = path.getIgnoreCase();
    return switch (path.getKindCase()) {
      case EXACT -> {
        String text = absolute(path.getExact(), field);
        yield caseless ? new PathMatch.Caseless(text, false) : new PathMatch.Exact(text);
      }
      case PREFIX -> new PathMatch.Prefix(absolute(path.getPrefix(), field));
      case TEXT_PREFIX -> {
        String text = path.getTextPrefix();
        yield caseless ? new PathMatch.Caseless(text, true) : new PathMatch.TextPrefix(text);
      }
      case REGEX -> new PathMatch.Regex(regex(path.getRegex(), field + ".regex"));
      case GRPC -> grpc(path.getGrpc(), field + ".grpc");
      case KIND_NOT_SET -> new PathMatch.Prefix("/");
    };
  }

  /// Calls are paths `/service/method`. What the Gateway API compares, the characters of the
  /// service before those of the method, is what exact, prefix and regular expression are ranked
  /// by.
  private static PathMatch grpc(GrpcMethod call, String field) {
    String service = call.getService();
    String method = call.getMethod();
    if (service.isEmpty() && method.isEmpty()) {
      return new PathMatch.Any();
    }
    if (!call.getRegex() && !service.isEmpty()) {
      return method.isEmpty()
          ? new PathMatch.Prefix("/" + service)
          : new PathMatch.Exact("/" + service + "/" + method);
    }
    String text = "/" + part(service, call.getRegex()) + "/" + part(method, call.getRegex());
    return new PathMatch.Regex(
        regex(text, field), service.length() * (MAX_REGEX + 1) + method.length());
  }

  private static String part(String name, boolean regex) {
    return name.isEmpty() ? "[^/]+" : regex ? "(?:" + name + ")" : Pattern.quote(name);
  }

  private static String absolute(String path, String field) {
    if (!path.startsWith("/")) {
      throw new InvalidConfig(field, "\"" + path + "\" does not start with /");
    }
    return path;
  }

  private static ValueMatch.OfHeader header(
      dev.kiri.waypoint.config.v1.ValueMatch header, String field) {
    return new ValueMatch.OfHeader(
        headerName(header.getName(), field + ".name"), value(header, field));
  }

  static ValueMatch value(dev.kiri.waypoint.config.v1.ValueMatch match, String field) {
    return switch (match.getKindCase()) {
      case EXACT -> ValueMatch.Exact.of(match.getExact());
      case PREFIX -> ValueMatch.Prefix.of(match.getPrefix());
      case REGEX -> new ValueMatch.Regex(regex(match.getRegex(), field + ".regex"));
      case PRESENT -> new ValueMatch.Present();
      case KIND_NOT_SET -> throw new InvalidConfig(field, "no kind this proxy knows");
    };
  }

  static Pattern regex(String text, String field) {
    if (text.length() > MAX_REGEX) {
      throw new InvalidConfig(field, "longer than " + MAX_REGEX + " characters");
    }
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new InvalidConfig(
          field, "\"" + text + "\" is not a regular expression (RE2): " + e.getDescription());
    }
  }

  static HeaderName headerName(String text, String field) {
    try {
      return HeaderName.of(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfig(field, e.getMessage() == null ? text : e.getMessage());
    }
  }
}
