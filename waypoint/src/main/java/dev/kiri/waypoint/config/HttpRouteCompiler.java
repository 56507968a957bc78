package dev.kiri.waypoint.config;

import com.google.protobuf.Timestamp;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.RouteParent;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.RouteMatch;
import dev.kiri.waypoint.route.RuleName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Compiles one HTTPRoute or GRPCRoute. Pure. A rule that cannot be honoured keeps its place and
/// answers 500; matches that cannot be understood make the whole resource invalid, because nobody
/// could say which requests are meant.
final class HttpRouteCompiler {
  private HttpRouteCompiler() {}

  /// @param at what refusals begin with
  static CompiledRoute compile(
      CompiledRoute.Kind kind, ObjectRef source, HttpRoute route, String at) {
    Instant created = created(route.hasCreationTime(), route.getCreationTime(), at);
    for (int i = 0; i < route.getRulesCount(); i++) {
      HttpRuleCompiler.requirePorts(route.getRules(i).getBackendsList(), at + ".rules[" + i + "]");
    }
    return new CompiledRoute(
        kind,
        source.getNamespace(),
        source.getName(),
        parents(route.getParentsList()),
        Set.of(),
        rules(source, route.getRulesList(), created, at + ".rules"),
        List.of());
  }

  static List<RouteMatch> rules(
      ObjectRef source,
      List<dev.kiri.waypoint.config.v1.HttpRule> rules,
      Instant created,
      String at) {
    List<RouteMatch> matches = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      var rule = rules.get(i);
      String field = at + "[" + i + "]";
      ObjectRef holder = rule.hasDefinedIn() ? rule.getDefinedIn() : source;
      RuleName name =
          new RuleName(
              holder.getKind(), holder.getNamespace(), holder.getName(), i, rule.getName());
      HttpRule compiled = HttpRuleCompiler.compile(name, rule, field);
      if (rule.getMatchesCount() == 0) {
        matches.add(
            MatchCompiler.match(
                HttpMatch.getDefaultInstance(), compiled, created, matches.size(), field));
      }
      for (int j = 0; j < rule.getMatchesCount(); j++) {
        String where = field + ".matches[" + j + "]";
        try {
          matches.add(
              MatchCompiler.match(rule.getMatches(j), compiled, created, matches.size(), where));
        } catch (InvalidConfig unreadable) {
          // The rule is known to be invalid, perhaps for this very match: the rest still stands.
          if (!rule.hasInvalid()) {
            throw unreadable;
          }
        }
      }
    }
    return matches;
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
}
