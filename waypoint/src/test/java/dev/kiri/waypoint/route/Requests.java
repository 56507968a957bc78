package dev.kiri.waypoint.route;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Short ways to write heads and matches.
final class Requests {
  /// Who asks in every test that does not say.
  static final RouteClient CLIENT = new RouteClient("shop", "pod-a");

  private Requests() {}

  /// `METHOD target`, then `name: value` each.
  static Head request(String line, String... headers) {
    Head head = new Head();
    String[] parts = line.split(" ", 2);
    int question = parts[1].indexOf('?');
    head.method(head.append(parts[0]));
    head.path(head.append(question < 0 ? parts[1] : parts[1].substring(0, question)));
    if (question >= 0) {
      head.query(head.append(parts[1].substring(question + 1)));
    }
    head.authority(head.append("host"));
    for (String header : headers) {
      int colon = header.indexOf(':');
      head.add(HeaderName.of(header.substring(0, colon)), header.substring(colon + 1).trim());
    }
    return head;
  }

  /// A route under construction: rules in their order, each with its matches.
  static final class Route {
    private final String name;
    private final Instant created;
    private final List<RouteMatch> matches = new ArrayList<>();
    private HttpRule rule;
    private int rules;

    Route(String name, Instant created) {
      this.name = name;
      this.created = created;
      this.rule = rule("none");
    }

    private HttpRule rule(String answer) {
      return HttpRule.broken(
          new RuleName("HTTPRoute", "shop", name, rules++, answer), "only to be recognised");
    }

    /// Begins a rule; `answer` is what a test expects.
    Route rule(String answer, PathMatch path, Object... conditions) {
      rule = rule(answer);
      return or(path, conditions);
    }

    /// One more match of the rule. A text is a method, pairs are made by [#header] and [#query].
    Route or(PathMatch path, Object... conditions) {
      List<ValueMatch.OfHeader> headers = new ArrayList<>();
      List<ValueMatch.OfQuery> queries = new ArrayList<>();
      List<RequestCondition> others = new ArrayList<>();
      String method = "";
      for (Object condition : conditions) {
        switch (condition) {
          case ValueMatch.OfHeader header -> headers.add(header);
          case ValueMatch.OfQuery query -> queries.add(query);
          case RequestCondition other -> others.add(other);
          default -> method = (String) condition;
        }
      }
      matches.add(
          RouteMatch.of(path, headers, queries, method, rule, created, matches.size())
              .with(others, 0));
      return this;
    }

    List<RouteMatch> matches() {
      return matches;
    }
  }

  static Route route() {
    return new Route("route", Instant.EPOCH);
  }

  static PathMatch prefix(String path) {
    return new PathMatch.Prefix(path);
  }

  static PathMatch exact(String path) {
    return new PathMatch.Exact(path);
  }

  static ValueMatch.OfHeader header(String name, String value) {
    return new ValueMatch.OfHeader(HeaderName.of(name), ValueMatch.Exact.of(value));
  }

  static ValueMatch.OfQuery query(String name, String value) {
    return new ValueMatch.OfQuery(name, ValueMatch.Exact.of(value));
  }

  /// The name of the rule that a table chooses, `404` without one.
  static String chosen(RouteTable table, Head head) {
    return table.decide(head, CLIENT) instanceof RouteDecision.Broken broken
        ? broken.rule().name().rule()
        : "404";
  }
}
