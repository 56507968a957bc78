package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.Config.backend;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.kiri.waypoint.config.v1.ClientMatch;
import dev.kiri.waypoint.config.v1.Cors;
import dev.kiri.waypoint.config.v1.DirectResponse;
import dev.kiri.waypoint.config.v1.Header;
import dev.kiri.waypoint.config.v1.HeaderModifier;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRetry;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PathMatch;
import dev.kiri.waypoint.config.v1.PathModifier;
import dev.kiri.waypoint.config.v1.RegexSubstitution;
import dev.kiri.waypoint.config.v1.RequestRedirect;
import dev.kiri.waypoint.config.v1.UrlRewrite;
import dev.kiri.waypoint.config.v1.ValueMatch;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.Shop;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What VirtualServices do to requests, over real sockets.
class VirtualServicePathTest {
  private final Shop shop = new Shop();
  private final WaypointFixture waypoint = shop.waypoint();
  private final InetSocketAddress front = shop.front();

  @AfterEach
  void stop() {
    shop.close();
  }

  private void rules(HttpRule.Builder... rules) {
    waypoint.apply(
        Config.virtualService(
            "v",
            1,
            service -> {
              for (HttpRule.Builder rule : rules) {
                service.addHttp(rule);
              }
              return service;
            }));
  }

  private static HttpRule.Builder to(String service, HttpMatch... matches) {
    return HttpRule.newBuilder().addAllMatches(List.of(matches)).addBackends(backend(service, 1));
  }

  private static HttpMatch text(String prefix) {
    return HttpMatch.newBuilder().setPath(PathMatch.newBuilder().setTextPrefix(prefix)).build();
  }

  private String served(String path, String... headers) throws IOException {
    RawClient.Answer answer = shop.get(path, headers);
    return answer.status() == 200 ? answer.header("x-served-by") : String.valueOf(answer.status());
  }

  @ParameterizedTest
  @CsvSource({"/foo, v2", "/foobar, v2", "/FOO, 404", "/fo, 404"})
  void a_prefix_is_compared_by_characters(String path, String by) throws Exception {
    rules(to("other", text("/foo")));

    assertThat(served(path)).isEqualTo(by);
  }

  @ParameterizedTest
  @CsvSource({"/Foo/x, v2", "/foo, v2", "/Exact, v1", "/eXACTly, 404"})
  void paths_may_ignore_case(String path, String by) throws Exception {
    var exact = PathMatch.newBuilder().setExact("/exact").setIgnoreCase(true);
    var prefix = PathMatch.newBuilder().setTextPrefix("/foo").setIgnoreCase(true);
    rules(
        to("catalog", HttpMatch.newBuilder().setPath(exact).build()),
        to("other", HttpMatch.newBuilder().setPath(prefix).build()));

    assertThat(served(path)).isEqualTo(by);
  }

  static List<HttpMatch> conditions() {
    return List.of(
        HttpMatch.newBuilder().setMethodText(ValueMatch.newBuilder().setPrefix("GE")).build(),
        HttpMatch.newBuilder().setAuthority(ValueMatch.newBuilder().setRegex("t.*t")).build(),
        HttpMatch.newBuilder().setScheme(ValueMatch.newBuilder().setExact("http")).build(),
        HttpMatch.newBuilder().addHeaders(value("x").setPresent(true)).build(),
        HttpMatch.newBuilder().addHeaders(value("x").setPrefix("o")).build(),
        HttpMatch.newBuilder().addWithoutHeaders(value("y").setPresent(true)).build(),
        HttpMatch.newBuilder().addWithoutHeaders(value("x").setExact("two")).build(),
        HttpMatch.newBuilder().addQueryParams(value("q").setPrefix("1")).build(),
        HttpMatch.newBuilder().setPort(80).build(),
        HttpMatch.newBuilder().setClient(ClientMatch.newBuilder().setNamespace("shop")).build());
  }

  static List<HttpMatch> conditionsThatDoNotHold() {
    return List.of(
        HttpMatch.newBuilder().setMethodText(ValueMatch.newBuilder().setExact("POST")).build(),
        HttpMatch.newBuilder().setAuthority(ValueMatch.newBuilder().setExact("other")).build(),
        HttpMatch.newBuilder().setScheme(ValueMatch.newBuilder().setExact("https")).build(),
        HttpMatch.newBuilder().addHeaders(value("y").setPresent(true)).build(),
        HttpMatch.newBuilder().addWithoutHeaders(value("x").setPresent(true)).build(),
        HttpMatch.newBuilder().addWithoutHeaders(value("x").setExact("one")).build(),
        HttpMatch.newBuilder().addQueryParams(value("q").setPrefix("2")).build(),
        HttpMatch.newBuilder().setClient(ClientMatch.newBuilder().setNamespace("bank")).build(),
        HttpMatch.newBuilder()
            .setClient(ClientMatch.newBuilder().setByWorkload(true).addWorkloads("other"))
            .build());
  }

  private static ValueMatch.Builder value(String name) {
    return ValueMatch.newBuilder().setName(name);
  }

  @ParameterizedTest
  @MethodSource("conditions")
  void a_condition_that_holds_takes_the_request(HttpMatch match) throws Exception {
    rules(to("other", match));

    assertThat(served("/?q=12", "x: one")).isEqualTo("v2");
  }

  @ParameterizedTest
  @MethodSource("conditionsThatDoNotHold")
  void a_condition_that_does_not_hold_leaves_it_to_the_next_rule(HttpMatch match) throws Exception {
    rules(to("other", match), to("catalog"));

    assertThat(served("/?q=12", "x: one")).isEqualTo("v1");
  }

  @Test
  void rules_for_another_port_say_nothing_about_this_one() throws Exception {
    rules(to("other", HttpMatch.newBuilder().setPort(8080).build()));

    assertThat(served("/")).isEqualTo("v1");
  }

  @Test
  void objects_of_one_host_are_tried_by_age_and_their_catch_alls_last() throws Exception {
    waypoint.apply(
        Config.virtualService(
            "old", 1, s -> s.addHttp(to("catalog", text("/a"))).addHttp(to("catalog"))),
        Config.virtualService(
            "new", 2, s -> s.addHttp(to("other", text("/a/b"))).addHttp(to("other", text("/c")))));

    assertThat(served("/a/b")).isEqualTo("v1");
    assertThat(served("/c")).isEqualTo("v2");
    assertThat(served("/d")).isEqualTo("v1");
  }

  @Test
  void a_route_of_the_gateway_api_on_the_port_counts_alone() throws Exception {
    rules(to("other"));
    assertThat(served("/")).isEqualTo("v2");

    waypoint.apply(
        Config.route(
            "route",
            "catalog",
            80,
            HttpRule.newBuilder()
                .addMatches(Config.prefix("/x"))
                .addBackends(backend("catalog", 1))
                .build()));
    assertThat(served("/x")).isEqualTo("v1");
    assertThat(served("/")).isEqualTo("404");
  }

  @ParameterizedTest
  @CsvSource({"shop, v2", "bank, v1"})
  void an_object_for_some_namespaces_leaves_other_clients_alone(String namespace, String by)
      throws Exception {
    waypoint.apply(
        Config.virtualService("v", 1, s -> s.addClientNamespaces(namespace).addHttp(to("other"))));

    assertThat(served("/")).isEqualTo(by);
  }

  @ParameterizedTest
  @CsvSource({
    "/foo, /new, /foo/bar?q=1, /new/bar?q=1",
    "/foo, /new, /foobar, /newbar",
    "/foo/, /, /foo/bar, /bar",
    "/, /new/, /bar, /new/bar"
  })
  void a_rewrite_takes_the_place_of_what_matched(
      String prefix, String with, String path, String seen) throws Exception {
    var rewrite =
        UrlRewrite.newBuilder().setPath(PathModifier.newBuilder().setReplaceMatched(with));
    rules(to("catalog", text(prefix)).addFilters(HttpFilter.newBuilder().setRewrite(rewrite)));

    assertThat(shop.get(path).body())
        .contains("GET " + seen + "\n")
        .contains("x-envoy-original-path: " + path);
  }

  @Test
  void a_rewrite_by_regular_expression_knows_groups() throws Exception {
    var regex =
        RegexSubstitution.newBuilder()
            .setPattern("^/service/([^/]+)(/.*)$")
            .setSubstitution("\\2/instance/\\1$");
    rules(
        to("catalog")
            .addFilters(
                HttpFilter.newBuilder()
                    .setRewrite(
                        UrlRewrite.newBuilder()
                            .setPath(PathModifier.newBuilder().setRegex(regex)))));

    assertThat(shop.get("/service/foo/v1/api?q=1").body())
        .contains("GET /v1/api/instance/foo$?q=1\n");
  }

  @ParameterizedTest
  @CsvSource({
    "AS_ADDRESSED,     '',          http://catalog:8080/full?q=1",
    "AS_ADDRESSED,     example.org, http://example.org/full?q=1",
    "SERVICE_PORT,     example.org, http://example.org/full?q=1",
    "PROTOCOL_DEFAULT, '',          http://catalog/full?q=1"
  })
  void a_redirect_keeps_the_port_or_takes_it_from_elsewhere(
      String rule, String host, String location) throws Exception {
    var redirect =
        RequestRedirect.newBuilder()
            .setHostname(host)
            .setStatusCode(301)
            .setPortRule(RequestRedirect.PortRule.valueOf(rule))
            .setPath(PathModifier.newBuilder().setReplaceFullPath("/full"));
    rules(HttpRule.newBuilder().addFilters(HttpFilter.newBuilder().setRedirect(redirect)));

    try (var client = new RawClient(front)) {
      client.send("GET /x?q=1 HTTP/1.1\r\nHost: catalog:8080\r\n\r\n");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(301);
      assertThat(answer.header("location")).isEqualTo(location);
    }
  }

  @Test
  void values_of_headers_may_hold_variables() throws Exception {
    var headers = HeaderModifier.newBuilder().setFormatted(true);
    headers.addSet(Header.newBuilder().setName("x-who").setValue("%DOWNSTREAM_PEER_URI_SAN%"));
    headers.addSet(
        Header.newBuilder().setName("x-what").setValue("100%% %REQ(X-Thing)%;%REQ(no)%"));
    headers.addSet(Header.newBuilder().setName("x-port").setValue("%DOWNSTREAM_LOCAL_PORT%"));
    rules(
        to("catalog")
            .setName("rule")
            .addFilters(HttpFilter.newBuilder().setRequestHeaders(headers))
            .addFilters(
                HttpFilter.newBuilder()
                    .setResponseHeaders(
                        HeaderModifier.newBuilder()
                            .setFormatted(true)
                            .addSet(
                                Header.newBuilder().setName("x-route").setValue("%ROUTE_NAME%")))));

    RawClient.Answer answer = shop.get("/", "x-thing: cup");
    assertThat(answer.body())
        .contains("x-who: spiffe://cluster.local/ns/shop/sa/web")
        .contains("x-what: 100% cup;-")
        .contains("x-port: 80");
    assertThat(answer.header("x-route")).isEqualTo("rule");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%NOTHING%", "%REQ%", "%REQ(:x)%", "%REQ(a b)%", "a%b"})
  void a_value_with_an_unknown_variable_is_refused(String value) {
    var headers =
        HeaderModifier.newBuilder()
            .setFormatted(true)
            .addSet(Header.newBuilder().setName("x").setValue(value));

    assertThatThrownBy(
            () ->
                rules(to("catalog").addFilters(HttpFilter.newBuilder().setRequestHeaders(headers))))
        .hasMessageContaining("virtual_service.http[0].filters[0].set");
  }

  /// Such a value would let one request begin within another on a connection that many share.
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length", "transfer-encoding", "Connection", "Upgrade", "TE"})
  void what_says_where_a_message_ends_is_not_a_rules_to_write(String name) {
    assertThatThrownBy(() -> rules(to("catalog").addFilters(Config.setHeader(name, "1"))))
        .hasMessageContaining("is the proxy's own");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a b", "/a\r\nx: y", "/\u0000", "/\u0416"})
  void a_rewrite_cannot_write_lines_of_its_own(String path) {
    for (var modifier :
        List.of(
            PathModifier.newBuilder().setReplaceFullPath(path),
            PathModifier.newBuilder().setReplaceMatched(path),
            PathModifier.newBuilder()
                .setRegex(RegexSubstitution.newBuilder().setPattern("/x").setSubstitution(path)))) {
      var rewrite = HttpFilter.newBuilder().setRewrite(UrlRewrite.newBuilder().setPath(modifier));
      assertThatThrownBy(() -> rules(to("catalog").addFilters(rewrite)))
          .hasMessageContaining("holds a space");
    }
    var host = HttpFilter.newBuilder().setRewrite(UrlRewrite.newBuilder().setHostname(path));
    assertThatThrownBy(() -> rules(to("catalog").addFilters(host)))
        .hasMessageContaining("rewrite.hostname");
  }

  @Test
  void a_direct_response_is_the_rules_own_with_the_rules_headers() throws Exception {
    var headers =
        HeaderModifier.newBuilder()
            .addSet(Config.setHeader("content-type", "text/html").getRequestHeaders().getSet(0));
    rules(
        HttpRule.newBuilder()
            .addFilters(HttpFilter.newBuilder().setResponseHeaders(headers))
            .setDirectResponse(
                DirectResponse.newBuilder()
                    .setStatus(418)
                    .setBody(ByteString.copyFromUtf8("<b>ü</b>"))));

    RawClient.Answer answer = shop.get("/");
    assertThat(answer.status()).isEqualTo(418);
    assertThat(answer.header("content-type")).isEqualTo("text/html");
    assertThat(answer.header("content-length")).isEqualTo("9");
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().details()).isEqualTo("direct_response");
  }

  @Test
  void a_destination_that_does_not_exist_is_answered_503() throws Exception {
    rules(
        HttpRule.newBuilder()
            .addBackends(
                HttpBackend.newBuilder()
                    .setInvalid(Invalid.newBuilder().setReason("BackendNotFound").setStatus(503))
                    .setWeight(1)));

    assertThat(shop.get("/").status()).isEqualTo(503);
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("NC");
  }

  @Test
  void a_destination_without_a_port_is_taken_at_the_one_that_was_addressed() throws Exception {
    HttpBackend.Builder any = backend("other", 1).toBuilder();
    any.getServiceBuilder().setPort(0);
    rules(HttpRule.newBuilder().addBackends(any));

    assertThat(served("/")).isEqualTo("v2");
  }

  @ParameterizedTest
  @CsvSource({
    "5xx,                    503, 200",
    "gateway-error,          503, 200",
    "gateway-error,          500, 500",
    "retriable-status-codes, 404, 200",
    "retriable-4xx,          409, 200",
    "retriable-4xx,          404, 404",
    "connect-failure,        503, 503"
  })
  void an_answer_is_tried_again_where_the_rules_words_say_so(String on, int first, int seen)
      throws Exception {
    RawServer failing =
        new RawServer(
            (connection, number) -> {
              RawServer.readHead(connection.getInputStream());
              RawServer.write(
                  connection,
                  "HTTP/1.1 " + (number == 0 ? first : 200) + " X\r\nContent-Length: 0\r\n\r\n");
            });
    try (failing) {
      waypoint.service("failing", failing.address());
      HttpRetry.Builder retry = HttpRetry.newBuilder().setAttempts(1).addOn(on);
      if (on.equals("retriable-status-codes")) {
        retry.addCodes(404);
      }
      rules(to("failing").setRetry(retry));

      assertThat(shop.get("/").status()).isEqualTo(seen);
    }
  }

  @Test
  void an_origin_may_match_by_prefix_and_other_preflights_go_on() throws Exception {
    rules(
        to("catalog")
            .addFilters(
                HttpFilter.newBuilder()
                    .setCors(
                        Cors.newBuilder()
                            .addOriginMatches(ValueMatch.newBuilder().setPrefix("https://a."))
                            .setForwardUnmatchedPreflights(true))));

    assertThat(preflight("https://a.test").header("access-control-allow-origin"))
        .isEqualTo("https://a.test");
    assertThat(preflight("https://a.test").header("access-control-max-age")).isEmpty();
    RawClient.Answer other = preflight("https://b.test");
    assertThat(other.header("x-served-by")).isEqualTo("v1");
    assertThat(other.header("access-control-allow-origin")).isEmpty();
  }

  private RawClient.Answer preflight(String origin) throws IOException {
    try (var client = new RawClient(front)) {
      client.send(
          "OPTIONS / HTTP/1.1\r\nHost: c\r\nOrigin: "
              + origin
              + "\r\nAccess-Control-Request-Method: PUT\r\n\r\n");
      return client.answer();
    }
  }
}
