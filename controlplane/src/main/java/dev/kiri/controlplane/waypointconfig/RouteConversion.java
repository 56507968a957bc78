package dev.kiri.controlplane.waypointconfig;

import com.google.protobuf.Duration;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.RouteObject;
import dev.kiri.controlplane.kinds.RouteObject.BackendRef;
import dev.kiri.controlplane.kinds.RouteObject.Call;
import dev.kiri.controlplane.kinds.RouteObject.Filter;
import dev.kiri.controlplane.kinds.RouteObject.Match;
import dev.kiri.controlplane.kinds.RouteObject.Retry;
import dev.kiri.controlplane.kinds.RouteObject.Rule;
import dev.kiri.controlplane.kinds.RouteObject.Session;
import dev.kiri.controlplane.kinds.RouteObject.Timeouts;
import dev.kiri.controlplane.kinds.RouteObject.ValueMatch;
import dev.kiri.waypoint.config.v1.ConnectionRoute;
import dev.kiri.waypoint.config.v1.GrpcMethod;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRetry;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.HttpTimeouts;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PathMatch;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.SessionPersistence;
import java.util.ArrayList;
import java.util.List;

/// A route in the waypoint's schema without its parents, and what is wrong with it. Confined to one
/// derivation.
final class RouteConversion {
  private final RouteObject route;
  private final Backends backends;
  private final Reader reader;
  private final List<Invalid> unresolved = new ArrayList<>();
  private final List<String> invalidRules = new ArrayList<>();
  private int rulesInForce;

  RouteConversion(RouteObject route, Backends backends, Reader reader) {
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

  /// A TCPRoute or TLSRoute.
  ConnectionRoute.Builder connections() {
    ConnectionRoute.Builder out =
        ConnectionRoute.newBuilder()
            .setCreationTime(Resources.created(route))
            .addAllServerNames(route.hostnames());
    for (Rule rule : route.rules()) {
      rule.backends().forEach(backend -> out.addBackends(backend(backend)));
      rulesInForce++;
    }
    return out;
  }

  /// An HTTPRoute or GRPCRoute.
  HttpRoute.Builder requests() {
    HttpRoute.Builder out =
        HttpRoute.newBuilder()
            .addAllHostnames(route.hostnames())
            .setCreationTime(Resources.created(route));
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
      HttpBackend.Builder resolved = backend(backend);
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
    Session session = rule.session();
    if (session != null) {
      out.setSession(session(session));
    }
    if (invalidRules.size() == broken) {
      rulesInForce++;
    }
    return out.build();
  }

  private HttpBackend.Builder backend(BackendRef backend) {
    HttpBackend.Builder resolved = backends.resolve(backend, route.meta().namespace(), reader);
    if (resolved.hasInvalid()) {
      unresolved.add(resolved.getInvalid());
    } else if (route.kind() == Kind.GRPC_ROUTE) {
      // Calls need HTTP/2 whatever the port was declared to be (gateway-api.md 8).
      resolved.getServiceBuilder().setProtocol(Protocol.GRPC);
    }
    return resolved;
  }

  private void noteUnsupported(Filter filter, String where) {
    if (filter instanceof Filter.Unsupported(String type)) {
      invalidRules.add(where + ": unsupported filter type \"" + type + "\"");
    }
  }

  private static HttpMatch match(Match match) {
    PathMatch.Builder path = PathMatch.newBuilder();
    Call call = match.call();
    if (call != null) {
      path.setGrpc(
          GrpcMethod.newBuilder()
              .setService(call.service())
              .setMethod(call.method())
              .setRegex(call.regex()));
    } else {
      switch (match.pathType()) {
        case "Exact" -> path.setExact(match.pathValue());
        case "RegularExpression" -> path.setRegex(match.pathValue());
        default -> path.setPrefix(match.pathValue());
      }
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

  private static SessionPersistence session(Session session) {
    SessionPersistence.Builder out =
        SessionPersistence.newBuilder()
            .setHeader(session.header())
            .setName(session.name())
            .setPath(session.path());
    var lifetime = session.lifetime();
    if (lifetime != null) {
      out.setLifetime(duration(lifetime));
    }
    var idle = session.idle();
    if (idle != null) {
      out.setIdle(duration(idle));
    }
    var absolute = session.absolute();
    if (absolute != null) {
      out.setAbsolute(duration(absolute));
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
