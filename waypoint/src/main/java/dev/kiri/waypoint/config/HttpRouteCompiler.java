package dev.kiri.waypoint.config;

import com.google.protobuf.Timestamp;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.GrpcMethod;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.RouteParent;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.PathMatch;
import dev.kiri.waypoint.route.RouteMatch;
import dev.kiri.waypoint.route.RuleName;
import dev.kiri.waypoint.route.ValueMatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Compiles one HTTPRoute or GRPCRoute. Pure. A rule that cannot be honoured keeps its place and
/// answers 500; matches that cannot be understood make the whole resource invalid, because nobody
/// could say which requests are meant.
final class HttpRouteCompiler {
  /// RE2 programs grow with the text; the API allows 1024 characters of path.
  static final int MAX_REGEX = 4096;

  private HttpRouteCompiler() {}

  /// @param at what refusals begin with
  static CompiledRoute compile(
      CompiledRoute.Kind kind, ObjectRef source, HttpRoute route, String at) {
    Instant created = created(route.hasCreationTime(), route.getCreationTime(), at);
    List<RouteMatch> matches = new ArrayList<>();
    for (int i = 0; i < route.getRulesCount(); i++) {
      var rule = route.getRules(i);
      String field = at + ".rules[" + i + "]";
      RuleName name =
          new RuleName(
              source.getKind(), source.getNamespace(), source.getName(), i, rule.getName());
      HttpRule compiled = HttpRuleCompiler.compile(name, rule, field);
      if (rule.getMatchesCount() == 0) {
        matches.add(
            match(HttpMatch.getDefaultInstance(), compiled, created, matches.size(), field));
      }
      for (int j = 0; j < rule.getMatchesCount(); j++) {
        String where = field + ".matches[" + j + "]";
        try {
          matches.add(match(rule.getMatches(j), compiled, created, matches.size(), where));
        } catch (InvalidConfig unreadable) {
          // The rule is known to be invalid, perhaps for this very match: the rest still stands.
          if (!rule.hasInvalid()) {
            throw unreadable;
          }
        }
      }
    }
    return new CompiledRoute(
        kind,
        source.getNamespace(),
        source.getName(),
        parents(route.getParentsList()),
        new CompiledRoute.Content.Requests(matches));
  }

  static Instant created(boolean set, Timestamp time, String field) {
    if (!set) {
      throw new InvalidConfig(field + ".creation_time", "must be set");
    }
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  static List<CompiledRoute.Parent> parents(List<RouteParent> parents) {
    return parents.stream()
        .map(
            p ->
                new CompiledRoute.Parent(
                    new ServiceKey(p.getNamespace(), p.getHostname()), p.getPort()))
        .toList();
  }

  private static RouteMatch match(
      HttpMatch match, HttpRule rule, Instant created, int position, String field) {
    List<ValueMatch.OfHeader> headers = new ArrayList<>();
    Set<HeaderName> seen = new HashSet<>();
    for (int i = 0; i < match.getHeadersCount(); i++) {
      var header = match.getHeaders(i);
      HeaderName name = headerName(header.getName(), field + ".headers[" + i + "].name");
      // Of equal names in one match the first entry counts (gateway API, HTTPHeaderMatch.name).
      if (seen.add(name)) {
        headers.add(new ValueMatch.OfHeader(name, value(header, field + ".headers[" + i + "]")));
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
    return RouteMatch.of(path, headers, queries, match.getMethod(), rule, created, position);
  }

  private static PathMatch path(HttpMatch match, String field) {
    var path = match.getPath();
    return switch (path.getKindCase()) {
      case EXACT -> new PathMatch.Exact(absolute(path.getExact(), field));
      case PREFIX -> new PathMatch.Prefix(absolute(path.getPrefix(), field));
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

  private static ValueMatch value(dev.kiri.waypoint.config.v1.ValueMatch match, String field) {
    return switch (match.getKindCase()) {
      case EXACT -> ValueMatch.Exact.of(match.getExact());
      case REGEX -> new ValueMatch.Regex(regex(match.getRegex(), field + ".regex"));
      case KIND_NOT_SET -> throw new InvalidConfig(field, "has neither exact nor regex");
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
