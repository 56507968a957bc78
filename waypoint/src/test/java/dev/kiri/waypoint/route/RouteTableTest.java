package dev.kiri.waypoint.route;

import static dev.kiri.waypoint.route.Requests.chosen;
import static dev.kiri.waypoint.route.Requests.exact;
import static dev.kiri.waypoint.route.Requests.header;
import static dev.kiri.waypoint.route.Requests.prefix;
import static dev.kiri.waypoint.route.Requests.query;
import static dev.kiri.waypoint.route.Requests.request;
import static dev.kiri.waypoint.route.Requests.route;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The matching tests of the Gateway API's conformance suite (HTTPRouteMatching, -PathMatchOrder,
/// -HeaderMatching, -MethodMatching, -QueryParamMatching), on the engine itself.
class RouteTableTest {
  private static final PathMatch ANY = prefix("/");

  @ParameterizedTest
  @CsvSource({
    "/, v1",
    "/example, v1",
    "/v2, v2",
    "/v2/, v2",
    "/v2/example, v2",
    "/v2example, v1",
    "/foo/v2/example, v1"
  })
  void a_prefix_matches_whole_segments(String path, String expected) {
    var table =
        new RouteTable(
            route()
                .rule("v1", ANY)
                .or(ANY, header("version", "one"))
                .rule("v2", prefix("/v2"))
                .or(ANY, header("version", "two"))
                .matches());

    assertThat(chosen(table, request("GET " + path))).isEqualTo(expected);
    assertThat(chosen(table, request("GET /", "version: two"))).isEqualTo("v2");
  }

  @ParameterizedTest
  @CsvSource({
    "/match/exact/one, exact3",
    "/match/exact, exact2",
    "/match, exact1",
    "/match/prefix/one/any, prefix6",
    "/match/prefix/any, prefix5",
    "/match/any, prefix4",
    "/other, 404"
  })
  void the_longest_path_wins_and_exact_beats_prefix(String path, String expected) {
    var table =
        new RouteTable(
            route()
                .rule("prefix6", prefix("/match/prefix/one"))
                .rule("exact2", exact("/match/exact"))
                .rule("prefix4", prefix("/match/"))
                .rule("exact1", exact("/match"))
                .rule("prefix5", prefix("/match/prefix/"))
                .rule("exact3", exact("/match/exact/one"))
                .matches());

    assertThat(chosen(table, request("GET " + path))).isEqualTo(expected);
  }

  @Test
  void more_headers_win_and_equal_counts_go_by_order() {
    var table =
        new RouteTable(
            route()
                .rule("v1", ANY, header("version", "one"))
                .rule("v2", ANY, header("version", "two"))
                .rule("v1", ANY, header("version", "two"), header("color", "orange"))
                .rule("v1", ANY, header("color", "blue"))
                .or(ANY, header("color", "green"))
                .rule("v2", ANY, header("color", "red"))
                .or(ANY, header("color", "yellow"))
                .matches());

    var cases =
        Map.of(
            List.of("version: one"), "v1",
            List.of("version: two"), "v2",
            List.of("version: two", "color: orange"), "v1",
            List.of("version: two", "color: blue"), "v2",
            List.of("color: orange"), "404",
            List.of("some-other-header: x"), "404",
            List.of("color: green"), "v1",
            List.of("COLOR: yellow"), "v2",
            List.of("color: purple"), "404");
    cases.forEach(
        (headers, expected) ->
            assertThat(chosen(table, request("GET /", headers.toArray(String[]::new))))
                .as(headers.toString())
                .isEqualTo(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "GET /, '', v2",
    "POST /, '', v1",
    "GET /path1, '', v1",
    "PUT /, version: one, v2",
    "POST /path2, version: two, v3",
    "PATCH /path3, '', v1",
    "DELETE /path4, version: three, v1",
    "HEAD /, '', 404",
    "PUT /, '', 404",
    "DELETE /path4, '', 404",
    "PATCH /path5, '', v1",
    "PATCH /, version: four, v2"
  })
  void path_before_method_before_headers(String line, String header, String expected) {
    var table =
        new RouteTable(
            route()
                .rule("v1", ANY, "POST")
                .rule("v2", ANY, "GET")
                .rule("v1", prefix("/path1"), "GET")
                .rule("v2", ANY, "PUT", header("version", "one"))
                .rule("v3", prefix("/path2"), "POST", header("version", "two"))
                .rule("v1", prefix("/path3"), "PATCH")
                .or(prefix("/path4"), "DELETE", header("version", "three"))
                .rule("v1", prefix("/path5"))
                .rule("v2", ANY, "PATCH")
                .rule("v3", ANY, header("version", "four"))
                .matches());

    var head = header.isEmpty() ? request(line) : request(line, header);
    assertThat(chosen(table, head)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/?animal=whale, v1",
    "/?animal=dolphin, v2",
    "/?animal=whale&x=1, v1",
    "/?x=1&animal=d%6Flphin, v2",
    "/?animal=dolphin&animal=whale, v2",
    "/, 404",
    "/?animal=whaledolphin, 404",
    "/?animal, 404",
    "/path5?animal=hydra, v1"
  })
  void query_parameters_match_decoded_and_the_first_counts(String target, String expected) {
    var table =
        new RouteTable(
            route()
                .rule("v1", ANY, query("animal", "whale"))
                .rule("v2", ANY, query("animal", "dolphin"))
                .rule("v1", prefix("/path5"))
                .rule("v3", ANY, query("animal", "hydra"))
                .matches());

    assertThat(chosen(table, request("GET " + target))).isEqualTo(expected);
  }

  @Test
  void a_regular_expression_comes_behind_every_prefix_and_matches_the_whole_path() {
    var table =
        new RouteTable(
            route()
                .rule("regex", new PathMatch.Regex(com.google.re2j.Pattern.compile("/v[0-9]+")))
                .rule("prefix", prefix("/v1"))
                .matches());

    assertThat(chosen(table, request("GET /v2"))).isEqualTo("regex");
    assertThat(chosen(table, request("GET /v2/x"))).isEqualTo("404");
    assertThat(chosen(table, request("GET /v1"))).isEqualTo("prefix");
  }

  @Test
  void the_older_route_wins_then_the_alphabet() {
    var matches = new ArrayList<RouteMatch>();
    matches.addAll(
        new Requests.Route("a-young", Instant.ofEpochSecond(9)).rule("young", ANY).matches());
    matches.addAll(
        new Requests.Route("z-old", Instant.ofEpochSecond(1)).rule("old", ANY).matches());
    matches.addAll(
        new Requests.Route("y-old", Instant.ofEpochSecond(1)).rule("first", ANY).matches());

    assertThat(chosen(new RouteTable(matches), request("GET /"))).isEqualTo("first");
  }

  @Test
  void repeated_header_lines_count_as_one_joined_value() {
    var table = new RouteTable(route().rule("both", ANY, header("x", "a,b")).matches());

    assertThat(chosen(table, request("GET /", "x: a", "x: b"))).isEqualTo("both");
    assertThat(chosen(table, request("GET /", "x: a"))).isEqualTo("404");
  }

  @Test
  void clients_of_a_consumers_namespace_get_its_routes_only() {
    var producer = new RouteSet(new RouteTable(route().rule("producer", ANY).matches()), null);
    var consumer =
        new RouteSet(new RouteTable(route().rule("consumer", prefix("/a")).matches()), null);
    var routes = new ServiceRoutes(producer, Map.of("buyers", consumer));
    var alone = new ServiceRoutes(null, Map.of("buyers", consumer));

    assertThat(routes.routesFor("buyers")).isSameAs(consumer);
    assertThat(routes.decide(request("GET /b"), client("buyers")))
        .isInstanceOf(RouteDecision.NoMatch.class);
    assertThat(routes.routesFor("others")).isSameAs(producer);
    assertThat(routes.routesFor(null)).isSameAs(producer);
    assertThat(alone.decide(request("GET /a"), client("others")))
        .isInstanceOf(RouteDecision.Unrouted.class);
  }

  private static RouteClient client(String namespace) {
    return new RouteClient(namespace, "");
  }
}
