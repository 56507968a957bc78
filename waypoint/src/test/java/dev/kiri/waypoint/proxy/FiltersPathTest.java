package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.Config.backend;
import static dev.kiri.waypoint.testing.Config.prefix;
import static dev.kiri.waypoint.testing.Config.rule;
import static dev.kiri.waypoint.testing.RawClient.lines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.waypoint.config.v1.Cors;
import dev.kiri.waypoint.config.v1.Header;
import dev.kiri.waypoint.config.v1.HeaderModifier;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpRetry;
import dev.kiri.waypoint.config.v1.HttpTimeouts;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PathModifier;
import dev.kiri.waypoint.config.v1.RequestMirror;
import dev.kiri.waypoint.config.v1.RequestRedirect;
import dev.kiri.waypoint.config.v1.UrlRewrite;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.Shop;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What rules do to requests and answers, over real sockets.
class FiltersPathTest {
  private static final String TE = "Transfer-Encoding: chunked";

  private final Shop shop = new Shop();
  private final EchoServer v1 = shop.v1();
  private final EchoServer v2 = shop.v2();
  private final WaypointFixture waypoint = shop.waypoint();
  private final InetSocketAddress front = shop.front();

  @AfterEach
  void stop() {
    shop.close();
  }

  private void rules(dev.kiri.waypoint.config.v1.HttpRule.Builder... rules) {
    var built = new dev.kiri.waypoint.config.v1.HttpRule[rules.length];
    for (int i = 0; i < rules.length; i++) {
      built[i] = rules[i].build();
    }
    waypoint.apply(Config.route("route", "catalog", 80, built));
  }

  @Test
  void headers_are_changed_on_the_way_there_and_back() throws Exception {
    var there =
        HeaderModifier.newBuilder()
            .addSet(Header.newBuilder().setName("X-Set").setValue("new"))
            .addAdd(Header.newBuilder().setName("X-Add").setValue("second"))
            .addRemove("x-gone");
    var back =
        HeaderModifier.newBuilder()
            .addSet(Header.newBuilder().setName("x-back").setValue("yes"))
            .addRemove("x-served-by");
    rules(
        rule()
            .addFilters(HttpFilter.newBuilder().setRequestHeaders(there))
            .addFilters(HttpFilter.newBuilder().setResponseHeaders(back))
            .addBackends(backend("catalog", 1)));

    var answer = shop.get("/", "x-set: old", "x-add: first", "x-gone: 1", "x-envoy-retry-on: 5xx");

    assertThat(answer.body())
        .contains("x-set: new")
        .contains("x-add: first,second")
        .doesNotContain("x-gone")
        .doesNotContain("x-envoy-retry-on");
    assertThat(answer.header("x-back")).isEqualTo("yes");
    assertThat(answer.header("x-served-by")).isEmpty();
  }

  @Test
  void a_backends_own_headers_reach_that_backend_only() throws Exception {
    HttpBackend first =
        backend("catalog", 1).toBuilder().addFilters(Config.setHeader("backend", "v1")).build();
    HttpBackend second =
        backend("other", 1).toBuilder().addFilters(Config.setHeader("backend", "v2")).build();
    rules(rule().addBackends(first).addBackends(second));

    for (int i = 0; i < 20; i++) {
      var answer = shop.get("/");
      assertThat(answer.body()).contains("backend: " + answer.header("x-served-by"));
    }
  }

  @Test
  void a_rewrite_changes_path_and_host_and_keeps_the_query() throws Exception {
    var rewrite =
        UrlRewrite.newBuilder()
            .setHostname("inner.example")
            .setPath(PathModifier.newBuilder().setReplacePrefixMatch("/new"));
    rules(
        rule(prefix("/old"))
            .addFilters(HttpFilter.newBuilder().setRewrite(rewrite))
            .addBackends(backend("catalog", 1)));

    assertThat(shop.get("/old/x?q=1").body())
        .contains("GET /new/x?q=1")
        .contains("host: inner.example")
        .contains("x-envoy-original-path: /old/x?q=1");
  }

  @Test
  void a_redirect_answers_by_itself() throws Exception {
    var redirect =
        RequestRedirect.newBuilder()
            .setHostname("example.org")
            .setStatusCode(301)
            .setPath(PathModifier.newBuilder().setReplaceFullPath("/full"));
    rules(rule(prefix("/r")).addFilters(HttpFilter.newBuilder().setRedirect(redirect)));

    var answer = shop.get("/r/x?q=1");

    assertThat(answer.status()).isEqualTo(301);
    assertThat(answer.header("location")).isEqualTo("http://example.org/full?q=1");
    assertThat(v1.requests()).isZero();
  }

  @Test
  void rules_that_cannot_be_honoured_answer_500_and_are_named() throws Exception {
    var extension =
        HttpFilter.newBuilder()
            .setInvalid(Invalid.newBuilder().setReason("InvalidFilter").setMessage("ExtensionRef"));
    var missing =
        HttpBackend.newBuilder()
            .setInvalid(Invalid.newBuilder().setReason("BackendNotFound"))
            .setWeight(1);
    rules(
        rule(prefix("/filter")).addFilters(extension).addBackends(backend("catalog", 1)),
        rule(prefix("/backend")).addBackends(missing),
        rule(prefix("/zero")).addBackends(backend("catalog", 0)),
        rule(prefix("/none")));

    for (String path : new String[] {"/filter", "/backend", "/zero", "/none"}) {
      assertThat(shop.get(path).status()).as(path).isEqualTo(500);
    }
    await().until(() -> waypoint.observer().requests().size() == 4);
    assertThat(waypoint.observer().requests().getFirst().details())
        .isEqualTo("route_not_honoured{InvalidFilter:_ExtensionRef}");
    assertThat(waypoint.observer().requests().get(1).details())
        .isEqualTo("cluster_not_found{BackendNotFound}");
  }

  @Test
  void a_preflight_is_answered_and_a_simple_request_marked() throws Exception {
    var cors =
        Cors.newBuilder()
            .addAllowOrigins("https://*.bar.com")
            .addAllowMethods("GET")
            .addAllowMethods("OPTIONS")
            .addAllowHeaders("x-1")
            .setAllowCredentials(true)
            .setMaxAge(Config.millis(3_600_000));
    rules(
        rule()
            .addFilters(HttpFilter.newBuilder().setCors(cors))
            .addBackends(backend("catalog", 1)));

    try (var client = new RawClient(front)) {
      client.send(
          lines(
              "OPTIONS / HTTP/1.1",
              "Host: t",
              "Origin: https://x.www.bar.com",
              "Access-Control-Request-Method: GET",
              "",
              ""));
      var preflight = client.answer();
      assertThat(preflight.status()).isEqualTo(200);
      assertThat(preflight.header("access-control-allow-origin"))
          .isEqualTo("https://x.www.bar.com");
      assertThat(preflight.header("access-control-allow-methods")).isEqualTo("GET, OPTIONS");
      assertThat(preflight.header("access-control-allow-credentials")).isEqualTo("true");
      assertThat(preflight.header("access-control-max-age")).isEqualTo("3600");
    }
    assertThat(v1.requests()).isZero();
    assertThat(shop.get("/", "Origin: https://a.bar.com").header("access-control-allow-origin"))
        .isEqualTo("https://a.bar.com");
    assertThat(shop.get("/", "Origin: https://bar.org").header("access-control-allow-origin"))
        .isEmpty();
  }

  @Test
  void a_mirror_sees_the_request_and_its_answer_goes_nowhere() throws Exception {
    var mirror = RequestMirror.newBuilder().setBackend(backend("other", 1));
    rules(
        rule()
            .addFilters(HttpFilter.newBuilder().setMirror(mirror))
            .addBackends(backend("catalog", 1)));

    for (int i = 0; i < 5; i++) {
      assertThat(shop.get("/").body()).startsWith("v1");
    }
    await().until(() -> v2.requests() == 5);
  }

  @ParameterizedTest
  @CsvSource({"500, 2, 200", "500, 4, 500", "503, 1, 503"})
  void listed_codes_are_tried_again(int code, int failures, int expected) throws Exception {
    try (var server =
        new RawServer(
            (socket, number) -> {
              RawServer.readHead(socket.getInputStream());
              int status = number < failures ? code : 200;
              RawServer.write(
                  socket,
                  lines(
                      "HTTP/1.1 " + status + " x",
                      "Connection: close",
                      "Content-Length: 2",
                      "",
                      "ok"));
            })) {
      waypoint.service("catalog", server.address());
      rules(
          rule()
              .setRetry(
                  HttpRetry.newBuilder().addCodes(500).setAttempts(3).setBackoff(Config.millis(5)))
              .addBackends(backend("catalog", 1)));

      assertThat(shop.get("/").status()).isEqualTo(expected);
    }
  }

  @Test
  void a_slow_try_is_repeated_with_its_body_when_the_rule_retries() throws Exception {
    try (var server =
        new RawServer(
            (socket, number) -> {
              RawServer.readHead(socket.getInputStream());
              byte[] body = socket.getInputStream().readNBytes(3);
              if (number == 0) {
                socket.getInputStream().read();
              }
              RawServer.write(
                  socket,
                  lines(
                      "HTTP/1.1 200 OK",
                      "Content-Length: 3",
                      "",
                      new String(body, java.nio.charset.StandardCharsets.US_ASCII)));
            })) {
      waypoint.service("catalog", server.address());
      rules(
          rule()
              .setRetry(HttpRetry.newBuilder().setAttempts(2).setBackoff(Config.millis(5)))
              .setTimeouts(HttpTimeouts.newBuilder().setBackendRequest(Config.millis(200)))
              .addBackends(backend("catalog", 1)));

      try (var client = new RawClient(front)) {
        client.send(lines("POST / HTTP/1.1", "Host: t", "Content-Length: 3", "", "abc"));
        assertThat(client.answer().body()).isEqualTo("abc");
      }
    }
  }

  static List<String> malformed() {
    return List.of(
        "GET / HTTP/1.1\nHost: t\n\n",
        lines("POST / HTTP/1.1", "Host: t", "Content-Length: 4", TE, "", "0", "", ""),
        lines("POST / HTTP/1.1", "Host: t", "Content-Length: 1", "Content-Length: 2", "", "ab"),
        lines("POST / HTTP/1.1", "Host: t", "Transfer-Encoding: \u000bchunked", "", "0", "", ""),
        lines("GET / HTTP/1.1", "Host: t", "Host: u", "", ""),
        lines("GET / HTTP/1.1", "", ""),
        lines("GET / HTTP/1.1", "Host: t", "X: a\u0000b", "", ""));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void a_malformed_request_is_answered_400_and_reaches_nobody(String text) throws Exception {
    try (var client = new RawClient(front)) {
      client.send(text);

      assertThat(client.answer().status()).isEqualTo(400);
      assertThat(client.ended()).isTrue();
    }
    assertThat(v1.requests()).isZero();
  }

  @Test
  void a_broken_chunk_in_a_body_ends_the_request_without_an_answer() throws Exception {
    try (var client = new RawClient(front)) {
      client.send(
          lines(
              "POST / HTTP/1.1",
              "Host: t",
              "Transfer-Encoding: chunked",
              "",
              "3",
              "abc",
              "zz",
              ""));

      assertThat(client.ended()).isTrue();
    }
    await().until(() -> waypoint.observer().requests().size() == 1);
  }

  @Test
  void headers_beyond_the_bound_are_431() throws Exception {
    try (var client = new RawClient(front)) {
      client.send("GET / HTTP/1.1\r\nHost: t\r\nX: " + "a".repeat(61 * 1024));

      assertThat(client.answer().status()).isEqualTo(431);
    }
  }
}
