package dev.kiri.controlplane.kinds;

import dev.kiri.controlplane.kinds.RouteObject.BackendRef;
import dev.kiri.controlplane.kinds.RouteObject.Filter;
import dev.kiri.controlplane.kinds.RouteObject.Match;
import dev.kiri.controlplane.kinds.RouteObject.PathModifier;
import dev.kiri.controlplane.kinds.RouteObject.Rule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the API server checks about rules of routes as a whole, for sources without one
/// (gateway-api 15). Stateless.
final class HttpRuleCheck {
  private static final int MAX_ENTRIES = 16;
  private static final int MAX_MATCHES = 64;
  private static final int MAX_MATCHES_OF_ROUTE = 128;

  private HttpRuleCheck() {}

  static void check(Fields rule, Rule read) {
    atMost(rule, "matches", read.matches().size(), MAX_MATCHES);
    atMost(rule, "backendRefs", read.backends().size(), MAX_ENTRIES);
    filters(rule, "filters", read.filters(), read.matches());
    for (BackendRef backend : read.backends()) {
      filters(rule, "backendRefs", backend.filters(), read.matches());
    }
    boolean redirect = read.filters().stream().anyMatch(Filter.Redirect.class::isInstance);
    if (redirect && !read.backends().isEmpty()) {
      rule.error(
          "backendRefs",
          "backends beside a RequestRedirect",
          "no backendRefs in a rule that redirects");
    }
  }

  private static void filters(
      Fields rule, String field, List<Filter> filters, List<Match> matches) {
    atMost(rule, field, filters.size(), MAX_ENTRIES);
    Set<String> seen = new HashSet<>();
    for (Filter filter : filters) {
      String type =
          switch (filter) {
            case Filter.Headers headers ->
                headers.request() ? "RequestHeaderModifier" : "ResponseHeaderModifier";
            case Filter.Redirect(_, _, var path, _, _) -> {
              prefix(rule, field, path, matches);
              yield "RequestRedirect";
            }
            case Filter.Rewrite(_, var path) -> {
              prefix(rule, field, path, matches);
              yield "URLRewrite";
            }
            case Filter.Cors _ -> "CORS";
            case Filter.Mirror _, Filter.Unsupported _ -> "";
          };
      if (!type.isEmpty() && !seen.add(type)) {
        rule.error(field, "more than one " + type, "one of a type (only RequestMirror may repeat)");
      }
    }
    if (seen.contains("RequestRedirect") && seen.contains("URLRewrite")) {
      rule.error(field, "RequestRedirect and URLRewrite", "one of the two in a rule");
    }
  }

  private static void prefix(
      Fields rule, String field, @Nullable PathModifier path, List<Match> matches) {
    boolean sound =
        path == null
            || path.full()
            || (matches.size() == 1 && matches.getFirst().pathType().equals("PathPrefix"));
    if (!sound) {
      rule.error(
          field, "ReplacePrefixMatch", "a rule with exactly one match, of path type PathPrefix");
    }
  }

  /// Names of rules and numbers of matches.
  static void check(Fields spec, List<Rule> rules) {
    if (spec.has("rules") && (rules.isEmpty() || rules.size() > MAX_ENTRIES)) {
      spec.error("rules", rules.size() + " entries", "1 to " + MAX_ENTRIES);
    }
    Set<String> names = new HashSet<>();
    int matches = 0;
    for (Rule rule : rules) {
      matches += rule.matches().size();
      if (!rule.name().isEmpty() && !names.add(rule.name())) {
        spec.error("rules", "two rules named " + Fields.show(rule.name()), "names that differ");
      }
    }
    if (matches > MAX_MATCHES_OF_ROUTE) {
      spec.error("rules", matches + " matches", "at most " + MAX_MATCHES_OF_ROUTE + " of a route");
    }
  }

  private static void atMost(Fields rule, String field, int entries, int most) {
    if (entries > most) {
      rule.error(field, entries + " entries", "at most " + most);
    }
  }
}
