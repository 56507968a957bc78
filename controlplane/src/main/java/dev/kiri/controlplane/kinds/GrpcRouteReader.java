package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.Call;
import dev.kiri.controlplane.kinds.RouteObject.Filter;
import dev.kiri.controlplane.kinds.RouteObject.Match;
import dev.kiri.controlplane.kinds.RouteObject.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Reads a GRPCRoute. As with an HTTPRoute, a match with an unknown field costs its rule its
/// effect: the rule answers with an error.
final class GrpcRouteReader {
  private static final Pattern SERVICE =
      Pattern.compile("(?i)[.]?[a-z_][a-z_0-9]*([.][a-z_][a-z_0-9]*)*");
  private static final Pattern METHOD = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*");

  private GrpcRouteReader() {}

  static RouteObject read(Meta meta, Fields top) {
    return HttpRouteReader.read(
        Kind.GRPC_ROUTE, meta, top.child("spec"), GrpcRouteReader::rule, List.of(every()));
  }

  private static Match every() {
    return new Match("", "", List.of(), List.of(), "", new Call("", "", false));
  }

  private static Rule rule(Fields rule) {
    List<String> unknown = new ArrayList<>();
    List<Match> matches = rule.list("matches", m -> match(m, unknown));
    List<Filter> filters = rule.list("filters", f -> filter(f, true));
    var backends = rule.list("backendRefs", HttpRouteReader::backend);
    for (var backend : backends) {
      for (Filter filter : backend.filters()) {
        check(rule, "backendRefs", filter);
      }
    }
    Rule read =
        new Rule(
            rule.stringOr("name", ""),
            matches.isEmpty() ? List.of(every()) : matches,
            filters,
            backends,
            null,
            null,
            SessionReader.read(rule),
            HttpRouteReader.problem(unknown));
    rule.ignore("sessionPersistence");
    rule.done();
    HttpRuleCheck.check(rule, read);
    return read;
  }

  private static Filter filter(Fields fields, boolean ofRule) {
    Filter read = HttpFilterReader.filter(fields, ofRule);
    check(fields, "type", read);
    return read;
  }

  private static void check(Fields fields, String name, Filter filter) {
    if (filter instanceof Filter.Redirect
        || filter instanceof Filter.Rewrite
        || filter instanceof Filter.Cors) {
      fields.error(
          name,
          "a filter of HTTPRoutes",
          "one of ExtensionRef, RequestHeaderModifier, RequestMirror, ResponseHeaderModifier");
    }
  }

  private static Match match(Fields match, List<String> unknown) {
    Call call = match.has("method") ? call(match.child("method"), unknown) : every().call();
    Match read =
        new Match(
            "",
            "",
            match.list("headers", h -> HttpRouteReader.value(h, unknown)),
            List.of(),
            "",
            call);
    match.ignore("method");
    unknown.addAll(HttpRouteReader.strict(match));
    return read;
  }

  private static Call call(Fields fields, List<String> unknown) {
    boolean regex =
        fields
            .choice("type", "Exact", List.of("Exact", "RegularExpression"))
            .equals("RegularExpression");
    Call call = new Call(fields.stringOr("service", ""), fields.stringOr("method", ""), regex);
    unknown.addAll(HttpRouteReader.strict(fields));
    if (call.service().isEmpty() && call.method().isEmpty()) {
      fields.error("service", "nothing", "a service or a method (one is required)");
    }
    check(fields, "service", call.service(), regex, SERVICE);
    check(fields, "method", call.method(), regex, METHOD);
    return call;
  }

  private static void check(
      Fields fields, String name, String value, boolean regex, Pattern exact) {
    if (value.isEmpty()) {
      return;
    }
    if (regex) {
      HttpPathCheck.checkRegex(fields, name, value);
    } else if (!exact.matcher(value).matches()) {
      fields.error(name, Fields.show(value), "the name of a gRPC " + name);
    }
  }
}
