package dev.kiri.waypoint.proxy;

import static dev.kiri.waypoint.testing.Config.backend;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.HashKey;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.LoadBalancing;
import dev.kiri.waypoint.config.v1.OutlierDetection;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import dev.kiri.waypoint.config.v1.SessionPersistence;
import dev.kiri.waypoint.config.v1.Subset;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which endpoint a DestinationRule gives a request, over real sockets.
class TrafficPolicyPathTest {
  private final EchoServer one = new EchoServer("one");
  private final EchoServer two = new EchoServer("two");
  private final WaypointFixture waypoint = new WaypointFixture();
  private InetSocketAddress front = new InetSocketAddress(0);

  @BeforeEach
  void start() {
    waypoint.service("catalog", one.address(), two.address());
    front = waypoint.front("catalog");
  }

  @AfterEach
  void stop() {
    waypoint.close();
    one.close();
    two.close();
  }

  private static Resource rule(
      String name, int created, TrafficPolicy.Builder policy, Subset... subsets) {
    DestinationRule.Builder rule =
        DestinationRule.newBuilder()
            .addTargets(
                ServiceTarget.newBuilder().setNamespace("shop").setHostname(Config.host("catalog")))
            .setCreationTime(Timestamp.newBuilder().setSeconds(created))
            .addPolicies(EffectivePolicy.newBuilder().setPolicy(policy))
            .addAllSubsets(List.of(subsets));
    return Resource.newBuilder()
        .setSource(Config.ref("DestinationRule", name))
        .setDestinationRule(rule)
        .build();
  }

  private static TrafficPolicy.Builder balanced(LoadBalancing.Builder balancing) {
    return TrafficPolicy.newBuilder().setBalancing(balancing);
  }

  private static TrafficPolicy.Builder hashed(HashKey.Builder key) {
    return balanced(LoadBalancing.newBuilder().setHash(key));
  }

  private static Subset subset(String name, int endpoint) {
    return Subset.newBuilder()
        .setName(name)
        .addWorkloads("Kubernetes//Pod/shop/catalog-" + endpoint)
        .build();
  }

  private RawClient.Answer get(String path, String... headers) throws IOException {
    try (var client = new RawClient(front)) {
      return client.get(path, headers).answer();
    }
  }

  private List<String> served(int times, String path, String... headers) throws IOException {
    List<String> by = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      by.add(get(path, headers).header("x-served-by"));
    }
    return by;
  }

  private void routeTo(String subset) {
    HttpBackend.Builder to = backend("catalog", 1).toBuilder();
    to.getServiceBuilder().setSubset(subset);
    waypoint.apply(Config.route("r", "catalog", 80, HttpRule.newBuilder().addBackends(to).build()));
  }

  @Test
  void a_subset_is_a_part_of_the_endpoints() throws Exception {
    waypoint.apply(rule("d", 1, TrafficPolicy.newBuilder(), subset("a", 0), subset("b", 1)));

    routeTo("a");
    assertThat(served(6, "/")).containsOnly("one");
    routeTo("b");
    assertThat(served(6, "/")).containsOnly("two");
  }

  @Test
  void a_subset_that_nobody_has_defined_is_answered_503() throws Exception {
    waypoint.apply(rule("d", 1, TrafficPolicy.newBuilder(), subset("a", 0)));
    routeTo("z");

    assertThat(get("/").status()).isEqualTo(503);
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("NC");
  }

  @Test
  void subsets_of_several_objects_count_together_and_the_oldest_policy_alone() throws Exception {
    var refused =
        TrafficPolicy.newBuilder().setInvalid(Invalid.newBuilder().setReason("UnsupportedValue"));
    waypoint.apply(
        rule("new", 2, refused, subset("a", 1)),
        rule("old", 1, TrafficPolicy.newBuilder(), subset("a", 0)));

    assertThat(get("/").status()).isEqualTo(200);
    routeTo("a");
    assertThat(served(4, "/")).containsOnly("one");
  }

  @Test
  void round_robin_takes_turns() throws Exception {
    waypoint.apply(
        rule(
            "d",
            1,
            balanced(LoadBalancing.newBuilder().setSimple(LoadBalancing.Simple.ROUND_ROBIN))));

    List<String> by = served(10, "/");
    assertThat(Collections.frequency(by, "one")).isEqualTo(5);
    for (int i = 2; i < by.size(); i++) {
      assertThat(by.get(i)).isEqualTo(by.get(i - 2));
    }
  }

  @Test
  void a_header_leads_to_the_same_endpoint_and_different_ones_to_both() throws Exception {
    waypoint.apply(rule("d", 1, hashed(HashKey.newBuilder().setHeader("x-user"))));

    Set<String> all = new HashSet<>();
    for (int user = 0; user < 20; user++) {
      Set<String> by = Set.copyOf(served(3, "/", "x-user: " + user));
      assertThat(by).hasSize(1);
      all.addAll(by);
    }
    assertThat(all).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void a_query_parameter_and_the_clients_address_lead_to_the_same_endpoint() throws Exception {
    waypoint.apply(rule("d", 1, hashed(HashKey.newBuilder().setQueryParam("u"))));
    assertThat(Set.copyOf(served(6, "/?u=7"))).hasSize(1);

    waypoint.apply(rule("d", 1, hashed(HashKey.newBuilder().setSourceAddress(true))));
    assertThat(Set.copyOf(served(6, "/"))).hasSize(1);
  }

  @Test
  void a_cookie_is_given_once_and_leads_back() throws Exception {
    var cookie =
        HashKey.Cookie.newBuilder()
            .setName("user")
            .setPath("/")
            .setTtl(Duration.newBuilder().setSeconds(60));
    waypoint.apply(rule("d", 1, hashed(HashKey.newBuilder().setCookie(cookie))));

    RawClient.Answer first = get("/");
    String given = first.header("set-cookie");
    assertThat(given).matches("user=\"[0-9a-f]+\"; Max-Age=60; Path=/; HttpOnly");
    String sent = "cookie: a=b; " + given.substring(0, given.indexOf(';'));
    for (int i = 0; i < 6; i++) {
      RawClient.Answer again = get("/", sent);
      assertThat(again.header("x-served-by")).isEqualTo(first.header("x-served-by"));
      assertThat(again.header("set-cookie")).isEmpty();
    }
  }

  private void sessions(boolean header, int firstWeight, int secondWeight) {
    waypoint.service("other", two.address()).service("catalog", one.address());
    waypoint.apply(
        Config.route(
            "r",
            "catalog",
            80,
            HttpRule.newBuilder()
                .addBackends(backend("catalog", firstWeight))
                .addBackends(backend("other", secondWeight))
                .setSession(
                    SessionPersistence.newBuilder().setHeader(header).setName("sid").setPath("/"))
                .build()));
  }

  @Test
  void a_session_stays_with_its_endpoint_whatever_the_weights_become() throws Exception {
    sessions(false, 1, 0);
    RawClient.Answer first = get("/");
    assertThat(first.header("x-served-by")).isEqualTo("one");
    String given = first.header("set-cookie");
    assertThat(given).matches("sid=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax");
    String cookie = "cookie: " + given.substring(0, given.indexOf(';'));

    sessions(false, 0, 1);
    RawClient.Answer again = get("/", cookie);
    assertThat(again.header("x-served-by")).isEqualTo("one");
    assertThat(again.header("set-cookie")).isEmpty();
    assertThat(get("/").header("x-served-by")).isEqualTo("two");
  }

  /// Of both endpoints one has the client's token; times are those of 1970, or of far off.
  @ParameterizedTest
  @CsvSource({"NOW.NOW, true", "NOW.0, false", "0.NOW, false", "zzzzzz.NOW, false", "-, false"})
  void a_session_is_over_when_its_token_says_so(String times, boolean goesOn) throws Exception {
    waypoint.service("catalog", one.address(), two.address());
    waypoint.apply(
        Config.route(
            "r",
            "catalog",
            80,
            HttpRule.newBuilder()
                .addBackends(backend("catalog", 1))
                .setSession(
                    SessionPersistence.newBuilder()
                        .setHeader(true)
                        .setName("sid")
                        .setIdle(Config.millis(60_000))
                        .setAbsolute(Config.millis(3_600_000)))
                .build()));
    RawClient.Answer first = get("/");
    String[] token = first.header("sid").split("\\.", -1);
    assertThat(token).hasSize(3);
    assertThat(token[1]).isEqualTo(token[2]);

    int same = 0;
    for (int i = 0; i < 20; i++) {
      RawClient.Answer again = get("/", "sid: " + token[0] + "." + times.replace("NOW", token[1]));
      same += again.header("sid").startsWith(token[0]) ? 1 : 0;
      String begun = again.header("sid").split("\\.", -1)[1];
      assertThat(Long.parseLong(begun, 36)).isGreaterThanOrEqualTo(Long.parseLong(token[1], 36));
    }

    assertThat(same == 20).isEqualTo(goesOn);
  }

  @Test
  void a_session_whose_endpoint_is_gone_begins_anew() throws Exception {
    sessions(true, 1, 0);
    String token = get("/").header("sid");
    waypoint.service("catalog", two.address());

    RawClient.Answer moved = get("/", "sid: " + token);
    assertThat(moved.header("x-served-by")).isEqualTo("two");
    assertThat(moved.header("sid")).isNotEmpty().isNotEqualTo(token);
    assertThat(get("/", "sid: forged").status()).isEqualTo(200);
  }

  @Test
  void more_requests_than_allowed_at_a_time_are_answered_at_once_with_overflow() throws Exception {
    try (RawServer slow =
        new RawServer((connection, _) -> connection.getInputStream().readAllBytes())) {
      waypoint.service("catalog", slow.address());
      waypoint.apply(rule("d", 1, TrafficPolicy.newBuilder().setMaxRequests(1)));

      try (var waiting = new RawClient(front)) {
        waiting.get("/");
        await().until(() -> slow.connections() == 1);
        RawClient.Answer answer = get("/");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("x-envoy-overloaded")).isEqualTo("true");
        assertThat(answer.body()).endsWith("reset reason: overflow");
      }
      await().until(() -> !waypoint.observer().requests().isEmpty());
      assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UO");
    }
  }

  @Test
  void a_connection_carries_no_more_requests_than_allowed() throws Exception {
    try (RawServer counting =
        new RawServer(
            (connection, _) -> {
              while (true) {
                RawServer.readHead(connection.getInputStream());
                RawServer.write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
              }
            })) {
      waypoint.service("catalog", counting.address());
      waypoint.apply(rule("d", 1, TrafficPolicy.newBuilder().setMaxRequestsPerConnection(2)));

      for (int i = 0; i < 6; i++) {
        assertThat(get("/").status()).isEqualTo(200);
      }
      assertThat(counting.connections()).isEqualTo(3);
    }
  }

  @Test
  void an_endpoint_that_fails_in_a_row_is_left_out() throws Exception {
    try (RawServer failing =
        new RawServer(
            (connection, _) -> {
              while (true) {
                RawServer.readHead(connection.getInputStream());
                RawServer.write(connection, "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
              }
            })) {
      waypoint.service("catalog", one.address(), failing.address());
      waypoint.apply(
          rule(
              "d",
              1,
              balanced(LoadBalancing.newBuilder().setSimple(LoadBalancing.Simple.ROUND_ROBIN))
                  .setOutlierDetection(
                      OutlierDetection.newBuilder()
                          .setConsecutive5Xx(2)
                          .setMaxPercent(100)
                          .setInterval(Duration.newBuilder().setSeconds(10))
                          .setBaseEjection(Duration.newBuilder().setSeconds(300)))));

      List<String> by = served(12, "/");
      assertThat(by.subList(0, 4)).containsExactlyInAnyOrder("one", "", "one", "");
      assertThat(by.subList(4, 12)).containsOnly("one");
    }
  }

  @Test
  void a_policy_that_cannot_be_honoured_sends_nothing() throws Exception {
    waypoint.apply(
        rule(
            "d",
            1,
            TrafficPolicy.newBuilder()
                .setInvalid(
                    Invalid.newBuilder()
                        .setReason("UnsupportedValue")
                        .setMessage("tls to the endpoint"))));

    assertThat(get("/").status()).isEqualTo(503);
    assertThat(one.requests() + two.requests()).isZero();
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().details())
        .isEqualTo("destination_not_honoured{UnsupportedValue:_tls_to_the_endpoint}");
  }
}
