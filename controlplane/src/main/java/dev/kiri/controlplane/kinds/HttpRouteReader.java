package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.BackendRef;
import dev.kiri.controlplane.kinds.RouteObject.Filter;
import dev.kiri.controlplane.kinds.RouteObject.Match;
import dev.kiri.controlplane.kinds.RouteObject.ParentRef;
import dev.kiri.controlplane.kinds.RouteObject.Retry;
import dev.kiri.controlplane.kinds.RouteObject.Rule;
import dev.kiri.controlplane.kinds.RouteObject.Timeouts;
import dev.kiri.controlplane.kinds.RouteObject.ValueMatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads an HTTPRoute. A match with a field that is not known would be wider than written: its rule
/// is marked with the problem and answers 500 at the waypoint.
final class HttpRouteReader {
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");
  private static final List<String> PATH_TYPES =
      List.of("Exact", "PathPrefix", "RegularExpression");

  private HttpRouteReader() {}

  static RouteObject read(Meta meta, Fields top) {
    return read(Kind.HTTP_ROUTE, meta, top.child("spec"), HttpRouteReader::rule, List.of());
  }

  /// @param every what matches every request
  static RouteObject read(
      Kind kind, Meta meta, Fields spec, Function<Fields, Rule> rule, List<Match> every) {
    RouteObject route =
        new RouteObject(
            kind,
            meta,
            spec.list("parentRefs", HttpRouteReader::parent),
            spec.strings("hostnames"),
            spec.has("rules")
                ? spec.list("rules", rule)
                : List.of(new Rule("", every, List.of(), List.of(), null, null, null, null)));
    spec.ignore("rules", "useDefaultGateways");
    spec.done();
    checkSizes(spec, route);
    HttpRuleCheck.check(spec, route.rules());
    return route;
  }

  static void checkSizes(Fields spec, RouteObject route) {
    if (route.parents().size() > 32) {
      spec.error("parentRefs", route.parents().size() + " entries", "at most 32");
    }
  }

  static ParentRef parent(Fields parent) {
    ParentRef read =
        new ParentRef(
            parent.stringOr("group", "gateway.networking.k8s.io"),
            parent.stringOr("kind", "Gateway"),
            parent.string("namespace"),
            parent.required("name"),
            parent.string("sectionName"),
            parent.has("port") ? (Integer) (int) parent.number("port", 0, 1, 65535) : null,
            parent.has("group") || "".equals(parent.raw("group")),
            parent.has("kind"));
    parent.done();
    return read;
  }

  private static Rule rule(Fields rule) {
    List<String> unknown = new ArrayList<>();
    List<Match> matches = rule.list("matches", m -> match(m, unknown));
    List<Filter> filters = rule.list("filters", f -> HttpFilterReader.filter(f, true));
    List<BackendRef> backends = rule.list("backendRefs", HttpRouteReader::backend);
    Timeouts timeouts = rule.has("timeouts") ? timeouts(rule.child("timeouts")) : null;
    Retry retry = rule.has("retry") ? retry(rule.child("retry")) : null;
    Rule read =
        new Rule(
            rule.stringOr("name", ""),
            matches,
            filters,
            backends,
            timeouts,
            retry,
            SessionReader.read(rule),
            problem(unknown));
    rule.ignore("timeouts", "retry", "sessionPersistence");
    rule.done();
    HttpRuleCheck.check(rule, read);
    return read;
  }

  private static Match match(Fields match, List<String> unknown) {
    Fields path = match.child("path");
    String type = path.choice("type", "PathPrefix", PATH_TYPES);
    String value = path.stringOr("value", "/");
    if (!type.equals("RegularExpression")) {
      HttpPathCheck.check(path, value);
    } else {
      HttpPathCheck.checkRegex(path, "value", value);
    }
    Match read =
        new Match(
            type,
            value,
            match.list("headers", h -> value(h, unknown)),
            match.list("queryParams", q -> value(q, unknown)),
            match.choice("method", "", METHODS),
            null);
    unknown.addAll(strict(path));
    unknown.addAll(strict(match));
    return read;
  }

  /// Reports unknown fields and returns their paths.
  static List<String> strict(Fields fields) {
    Set<String> rest = fields.unknown();
    fields.done();
    return rest.stream().map(fields::at).toList();
  }

  /// What a rule has that cannot be honoured as written; null for nothing.
  static @Nullable String problem(List<String> unknown) {
    return unknown.isEmpty() ? null : "unknown match field " + String.join(", ", unknown);
  }

  static ValueMatch value(Fields fields, List<String> unknown) {
    boolean regex =
        fields
            .choice("type", "Exact", List.of("Exact", "RegularExpression"))
            .equals("RegularExpression");
    ValueMatch read = new ValueMatch(fields.required("name"), regex, fields.required("value"));
    if (regex) {
      HttpPathCheck.checkRegex(fields, "value", read.value());
    }
    unknown.addAll(strict(fields));
    return read;
  }

  static BackendRef backend(Fields backend) {
    BackendRef read =
        new BackendRef(
            backend.stringOr("group", ""),
            backend.stringOr("kind", "Service"),
            backend.string("namespace"),
            backend.required("name"),
            (int) backend.number("port", 0, 1, 65535),
            (int) backend.number("weight", 1, 0, 1_000_000),
            backend.list("filters", f -> HttpFilterReader.filter(f, false)));
    if (read.kind().equals("Service") && read.group().isEmpty() && !backend.has("port")) {
      backend.error("port", "nothing", "a service port (required for a Service)");
    }
    backend.done();
    return read;
  }

  private static Timeouts timeouts(Fields fields) {
    Timeouts read = new Timeouts(duration(fields, "request"), duration(fields, "backendRequest"));
    fields.done();
    Duration request = read.request();
    Duration single = read.backendRequest();
    if (request != null && single != null && !request.isZero() && single.compareTo(request) > 0) {
      fields.error(
          "backendRequest",
          Fields.show(fields.raw("backendRequest")),
          "at most the value of request");
    }
    return read;
  }

  private static Retry retry(Fields fields) {
    List<Integer> codes = new ArrayList<>();
    if (fields.raw("codes") instanceof List<?> list) {
      for (Object code : list) {
        if (code instanceof Integer number && number >= 400 && number <= 599) {
          codes.add(number);
        } else {
          fields.error("codes", Fields.show(code), "status codes from 400 to 599");
        }
      }
    }
    Retry read =
        new Retry(
            List.copyOf(codes),
            fields.has("attempts") ? (Integer) (int) fields.number("attempts", 2, 1, 100) : null,
            duration(fields, "backoff"));
    fields.done();
    return read;
  }

  static @Nullable Duration duration(Fields fields, String name) {
    String text = fields.string(name);
    if (text == null) {
      return null;
    }
    var parsed = GatewayDuration.parse(text);
    if (parsed.isEmpty()) {
      fields.error(name, Fields.show(text), "a duration such as 500ms, 10s, 1m30s (GEP-2257)");
    }
    return parsed.orElse(null);
  }
}
