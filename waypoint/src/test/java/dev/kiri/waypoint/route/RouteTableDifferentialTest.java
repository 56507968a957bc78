package dev.kiri.waypoint.route;

import static dev.kiri.waypoint.route.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dev.kiri.waypoint.head.Head;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The indexed table against the precedence rules written down literally: compare every pair of
/// matches that hold, criterion by criterion, on texts.
class RouteTableDifferentialTest {
  private static final String[] SEGMENTS = {"a", "b", "ab", "", "v1"};
  private static final String[] METHODS = {"", "GET", "POST"};
  private static final String[] VALUES = {"1", "2"};
  private static final String[] REGEXES = {"/a.*", "/[ab]+", ".*", "/v[0-9](/.*)?"};

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void the_table_agrees_with_the_literal_rules(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 250; round++) {
      var matches = matches(random);
      var table = new RouteTable(matches);
      for (int i = 0; i < 40; i++) {
        Head head = head(random);
        String expected = literally(matches, head);
        assertThat(Requests.chosen(table, head))
            .as("seed %s round %s: %s", seed, round, head.target())
            .isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void virtual_services_are_tried_as_they_are_written(long seed) {
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 250; round++) {
      var matches = virtualServices(random);
      var table = RouteTable.asWritten(matches);
      for (int i = 0; i < 40; i++) {
        Head head = head(random);
        assertThat(Requests.chosen(table, head))
            .as("seed %s round %s: %s", seed, round, head.target())
            .isEqualTo(inOrder(matches, head));
      }
    }
  }

  private static List<RouteMatch> virtualServices(SplittableRandom random) {
    var all = new ArrayList<RouteMatch>();
    int id = 0;
    for (int object = random.nextInt(1, 4); object > 0; object--) {
      var built = new Requests.Route("v" + object, Instant.ofEpochSecond(random.nextInt(2)));
      for (int rule = random.nextInt(1, 6); rule > 0; rule--) {
        built.rule("rule" + id++, anyPath(random), richConditions(random));
        if (random.nextInt(3) == 0) {
          built.or(anyPath(random), richConditions(random));
        }
      }
      all.addAll(built.matches());
    }
    return all;
  }

  private static PathMatch anyPath(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> new PathMatch.TextPrefix(text(random));
      case 1 -> new PathMatch.Caseless(text(random).toUpperCase(Locale.ROOT), random.nextBoolean());
      default -> path(random);
    };
  }

  private static Object[] richConditions(SplittableRandom random) {
    var some = new ArrayList<>(List.of(conditions(random)));
    if (random.nextInt(4) == 0) {
      some.add(new RequestCondition.Without(Requests.header("x", pick(random, VALUES))));
    }
    if (random.nextInt(5) == 0) {
      some.add(
          new RequestCondition.Client(
              new ClientMatch(random.nextBoolean() ? "shop" : "other", null)));
    }
    if (random.nextInt(5) == 0) {
      some.add(
          new RequestCondition.Client(
              new ClientMatch("", Set.of(random.nextBoolean() ? "pod-a" : "pod-b"))));
    }
    if (random.nextInt(5) == 0) {
      some.add(
          new RequestCondition.Authority(
              ValueMatch.Prefix.of(random.nextBoolean() ? "ho" : "other")));
    }
    return some.toArray();
  }

  private static List<RouteMatch> matches(SplittableRandom random) {
    var all = new ArrayList<RouteMatch>();
    int id = 0;
    for (int route = random.nextInt(1, 4); route > 0; route--) {
      var built = new Requests.Route("r" + route, Instant.ofEpochSecond(random.nextInt(2)));
      for (int rule = random.nextInt(1, 6); rule > 0; rule--) {
        built.rule("rule" + id++, path(random), conditions(random));
        if (random.nextInt(3) == 0) {
          built.or(path(random), conditions(random));
        }
      }
      all.addAll(built.matches());
    }
    return all;
  }

  private static PathMatch path(SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0, 1 -> new PathMatch.Exact(text(random));
      case 2, 3 -> new PathMatch.Prefix(text(random));
      case 4 -> new PathMatch.Any();
      default -> new PathMatch.Regex(Pattern.compile(pick(random, REGEXES)));
    };
  }

  private static String text(SplittableRandom random) {
    int depth = random.nextInt(4);
    var path = new StringBuilder(depth == 0 ? "/" : "");
    for (int i = 0; i < depth; i++) {
      path.append('/').append(pick(random, SEGMENTS));
    }
    return path.toString();
  }

  private static Object[] conditions(SplittableRandom random) {
    var some = new ArrayList<Object>();
    some.add(pick(random, METHODS));
    for (String name : List.of("x", "y")) {
      if (random.nextInt(3) == 0) {
        some.add(Requests.header(name, pick(random, VALUES)));
      }
      if (random.nextInt(4) == 0) {
        some.add(Requests.query(name, pick(random, VALUES)));
      }
    }
    return some.toArray();
  }

  private static Head head(SplittableRandom random) {
    var query = new ArrayList<String>();
    var headers = new ArrayList<String>();
    for (String name : List.of("x", "y")) {
      if (random.nextBoolean()) {
        query.add(name + "=" + pick(random, VALUES));
      }
      if (random.nextBoolean()) {
        headers.add(name + ": " + pick(random, VALUES));
      }
    }
    String target = text(random) + (query.isEmpty() ? "" : "?" + String.join("&", query));
    return request(
        pick(random, new String[] {"GET", "POST", "PUT"}) + " " + target,
        headers.toArray(String[]::new));
  }

  private static String pick(SplittableRandom random, String[] from) {
    return from[random.nextInt(from.length)];
  }

  // ---- the literal rules

  private static String literally(List<RouteMatch> matches, Head head) {
    RouteMatch best = null;
    for (RouteMatch match : matches) {
      if (holds(match, head) && (best == null || precedes(match, best))) {
        best = match;
      }
    }
    return best == null ? "404" : best.rule().name().rule();
  }

  /// Objects by age and name, each as written; catch-alls behind everything else.
  private static String inOrder(List<RouteMatch> matches, Head head) {
    var written = new ArrayList<>(matches);
    written.sort(
        Comparator.comparing(RouteMatch::created)
            .thenComparing(m -> m.rule().name().route())
            .thenComparingInt(RouteMatch::position));
    for (boolean all : new boolean[] {false, true}) {
      for (RouteMatch match : written) {
        if (isCatchAll(match) == all && holds(match, head)) {
          return match.rule().name().rule();
        }
      }
    }
    return "404";
  }

  private static boolean isCatchAll(RouteMatch match) {
    String path =
        switch (match.path()) {
          case PathMatch.Any _ -> "/";
          case PathMatch.Prefix(String text) -> text;
          case PathMatch.TextPrefix(String text) -> text;
          case PathMatch.Regex(Pattern pattern, _) -> pattern.pattern().equals(".*") ? "/" : "";
          case PathMatch.Exact _, PathMatch.Caseless _ -> "";
        };
    return path.equals("/")
        && match.method().isEmpty()
        && match.headers().isEmpty()
        && match.queries().isEmpty()
        && match.others().isEmpty();
  }

  private static boolean othersHold(RouteMatch match, Head head) {
    for (RequestCondition condition : match.others()) {
      boolean holds =
          switch (condition) {
            case RequestCondition.Without(var header) -> {
              String value = head.get(header.name());
              yield !header.value().matches(value == null ? "" : value);
            }
            case RequestCondition.Client(ClientMatch client) ->
                (client.namespace().isEmpty() || client.namespace().equals("shop"))
                    && (client.workloads() == null || client.workloads().contains("pod-a"));
            case RequestCondition.Authority(var value) -> value.matches("host");
            case RequestCondition.Method _, RequestCondition.Scheme _ -> false;
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(RouteMatch match, Head head) {
    String path = head.text(head.path());
    boolean pathHolds =
        switch (match.path()) {
          case PathMatch.Exact(String exact) -> path.equals(exact);
          case PathMatch.Prefix(String prefix) -> underPrefix(path, prefix);
          case PathMatch.Regex(Pattern pattern, _) -> pattern.matcher(path).matches();
          case PathMatch.TextPrefix(String prefix) -> path.startsWith(prefix);
          case PathMatch.Caseless(String text, boolean prefix) -> {
            String lower = path.toLowerCase(Locale.ROOT);
            String wanted = text.toLowerCase(Locale.ROOT);
            yield prefix ? lower.startsWith(wanted) : lower.equals(wanted);
          }
          case PathMatch.Any _ -> true;
        };
    String method = match.method().toString();
    return pathHolds
        && othersHold(match, head)
        && (method.isEmpty() || method.equals(head.text(head.method())))
        && match.headers().stream().allMatch(h -> headerHolds(h, head))
        && match.queries().stream().allMatch(q -> queryHolds(q, head));
  }

  private static boolean underPrefix(String path, String prefix) {
    String trimmed = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    return trimmed.isEmpty() || path.equals(trimmed) || path.startsWith(trimmed + "/");
  }

  private static boolean headerHolds(ValueMatch.OfHeader header, Head head) {
    String value = head.get(header.name());
    return value != null && header.value().matches(value);
  }

  private static boolean queryHolds(ValueMatch.OfQuery query, Head head) {
    return Arrays.stream(head.text(head.query()).split("&"))
        .filter(pair -> pair.startsWith(query.name() + "="))
        .limit(1)
        .anyMatch(pair -> query.value().matches(pair.substring(query.name().length() + 1)));
  }

  private static boolean precedes(RouteMatch one, RouteMatch other) {
    int[] first = numbers(one);
    int[] second = numbers(other);
    for (int i = 0; i < first.length; i++) {
      if (first[i] != second[i]) {
        return first[i] > second[i];
      }
    }
    int age = one.created().compareTo(other.created());
    if (age != 0) {
      return age < 0;
    }
    int name = one.rule().name().route().compareTo(other.rule().name().route());
    return name != 0 ? name < 0 : one.position() < other.position();
  }

  private static int[] numbers(RouteMatch match) {
    int type =
        switch (match.path()) {
          case PathMatch.Exact _ -> 3;
          case PathMatch.Prefix _, PathMatch.TextPrefix _, PathMatch.Caseless _ -> 2;
          case PathMatch.Regex _ -> 1;
          case PathMatch.Any _ -> 0;
        };
    return new int[] {
      type,
      match.path().characters(),
      match.method().isEmpty() ? 0 : 1,
      match.headers().stream().collect(Collectors.toSet()).size(),
      match.queries().size()
    };
  }
}
