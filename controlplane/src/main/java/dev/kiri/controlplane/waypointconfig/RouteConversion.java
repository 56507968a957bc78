package dev.kiri.controlplane.waypointconfig;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.HttpRouteObject;
import dev.kiri.controlplane.kinds.HttpRouteObject.BackendRef;
import dev.kiri.controlplane.kinds.HttpRouteObject.Filter;
import dev.kiri.controlplane.kinds.HttpRouteObject.Match;
import dev.kiri.controlplane.kinds.HttpRouteObject.Retry;
import dev.kiri.controlplane.kinds.HttpRouteObject.Rule;
import dev.kiri.controlplane.kinds.HttpRouteObject.Timeouts;
import dev.kiri.controlplane.kinds.HttpRouteObject.ValueMatch;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRetry;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.HttpTimeouts;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PathMatch;
import java.util.ArrayList;
import java.util.List;

/// The rules of an HTTPRoute in the waypoint's schema, and what is wrong with them. Confined to one
/// derivation.
final class RouteConversion {
  private final HttpRouteObject route;
  private final Backends backends;
  private final Reader reader;
  private final List<Invalid> unresolved = new ArrayList<>();
  private final List<String> invalidRules = new ArrayList<>();
  private int rulesInForce;

  RouteConversion(HttpRouteObject route, Backends backends, Reader reader) {
    this.route = route;
    this.backends = backends;
    this.reader = reader;
  }

  /// References that do not resolve, in the order of the route.
  List<Invalid> unresolved() {
    return unresolved;
  }

  /// What is wrong with rules that answer 500.
  List<String> invalidRules() {
    return invalidRules;
  }

  boolean anyRuleInForce() {
    return rulesInForce > 0;
  }

  /// The route without parents.
  HttpRoute.Builder convert() {
    HttpRoute.Builder out =
        HttpRoute.newBuilder()
            .addAllHostnames(route.hostnames())
            .setCreationTime(
                Timestamp.newBuilder().setSeconds(route.meta().created().getEpochSecond()));
    int position = 0;
    for (Rule rule : route.rules()) {
      out.addRules(rule(rule, "spec.rules[" + position++ + "]"));
    }
    return out;
  }

  private HttpRule rule(Rule rule, String where) {
    HttpRule.Builder out = HttpRule.newBuilder().setName(rule.name());
    rule.matches().forEach(match -> out.addMatches(match(match)));
    int broken = invalidRules.size();
    String problem = rule.problem();
    if (problem != null) {
      invalidRules.add(where + ": " + problem);
      out.setInvalid(Backends.invalid("UnsupportedValue", problem));
    }
    FilterConversion filters = new FilterConversion(route, backends, reader, unresolved);
    for (Filter filter : rule.filters()) {
      filters.convert(filter).ifPresent(out::addFilters);
      noteUnsupported(filter, where);
    }
    for (BackendRef backend : rule.backends()) {
      HttpBackend.Builder resolved = backends.resolve(backend, route.meta().namespace(), reader);
      if (resolved.hasInvalid()) {
        unresolved.add(resolved.getInvalid());
      }
      for (Filter filter : backend.filters()) {
        filters.convert(filter).ifPresent(resolved::addFilters);
        noteUnsupported(filter, where);
      }
      out.addBackends(resolved);
    }
    Timeouts timeouts = rule.timeouts();
    if (timeouts != null) {
      out.setTimeouts(timeouts(timeouts));
    }
    Retry retry = rule.retry();
    if (retry != null) {
      out.setRetry(retry(retry));
    }
    if (invalidRules.size() == broken) {
      rulesInForce++;
    }
    return out.build();
  }

  private void noteUnsupported(Filter filter, String where) {
    if (filter instanceof Filter.Unsupported(String type)) {
      invalidRules.add(where + ": unsupported filter type \"" + type + "\"");
    }
  }

  private static HttpMatch match(Match match) {
    PathMatch.Builder path = PathMatch.newBuilder();
    switch (match.pathType()) {
      case "Exact" -> path.setExact(match.pathValue());
      case "RegularExpression" -> path.setRegex(match.pathValue());
      default -> path.setPrefix(match.pathValue());
    }
    HttpMatch.Builder out = HttpMatch.newBuilder().setPath(path).setMethod(match.method());
    match.headers().forEach(header -> out.addHeaders(value(header)));
    match.queryParams().forEach(param -> out.addQueryParams(value(param)));
    return out.build();
  }

  private static dev.kiri.waypoint.config.v1.ValueMatch value(ValueMatch match) {
    var out = dev.kiri.waypoint.config.v1.ValueMatch.newBuilder().setName(match.name());
    return match.regex()
        ? out.setRegex(match.value()).build()
        : out.setExact(match.value()).build();
  }

  private static HttpTimeouts timeouts(Timeouts timeouts) {
    HttpTimeouts.Builder out = HttpTimeouts.newBuilder();
    var request = timeouts.request();
    if (request != null) {
      out.setRequest(duration(request));
    }
    var backend = timeouts.backendRequest();
    if (backend != null) {
      out.setBackendRequest(duration(backend));
    }
    return out.build();
  }

  private static HttpRetry retry(Retry retry) {
    HttpRetry.Builder out = HttpRetry.newBuilder().addAllCodes(retry.codes());
    Integer attempts = retry.attempts();
    if (attempts != null) {
      out.setAttempts(attempts);
    }
    var backoff = retry.backoff();
    if (backoff != null) {
      out.setBackoff(duration(backoff));
    }
    return out.build();
  }

  static Duration duration(java.time.Duration value) {
    return Duration.newBuilder().setSeconds(value.getSeconds()).setNanos(value.getNano()).build();
  }
}
