package dev.kiri.waypoint.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.EndpointTls;
import dev.kiri.waypoint.config.v1.PemSource;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.ServicePort;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.Hellos;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.TlsServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Endpoints that have only a name, and services whose endpoint is what the client asked for
/// (waypoint reference 15.3 and 26.5), against a name server on loopback.
class NamedEndpointsPathTest {
  private static final InetAddress FOUR = address("127.0.0.1");
  private static final InetAddress OTHER_FOUR = address("127.0.0.2");
  private static final InetAddress SIX = address("::1");

  private final WaypointFixture waypoint = new WaypointFixture();

  /// Answers with the address that it was reached at.
  private final RawServer server = new RawServer(address("::"), NamedEndpointsPathTest::where);

  @AfterEach
  void stop() {
    waypoint.close();
    server.close();
  }

  private static InetAddress address(String text) {
    return NetUtil.createInetAddressFromIpAddressString(text);
  }

  private static void where(Socket connection, int number) throws IOException {
    while (true) {
      RawServer.readHead(connection.getInputStream());
      String at = connection.getLocalAddress().getHostAddress();
      RawServer.write(
          connection, "HTTP/1.1 200 OK\r\nContent-Length: " + at.length() + "\r\n\r\n" + at);
    }
  }

  private int port() {
    return server.address().getPort();
  }

  private RawClient.Answer get(String service, String host) throws IOException {
    try (var client = new RawClient(waypoint.front(service))) {
      return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").answer();
    }
  }

  @Test
  void all_addresses_of_a_name_are_endpoints_and_it_is_asked_for_once() throws Exception {
    waypoint.names().name("api.example", FOUR, OTHER_FOUR, SIX);
    waypoint.named("catalog", "API.example", port());

    Set<String> reached = new HashSet<>();
    while (reached.size() < 2) {
      reached.add(get("catalog", "whatever").body());
    }
    assertThat(reached).containsExactlyInAnyOrder("127.0.0.1", "127.0.0.2");
    assertThat(waypoint.names().questions()).containsExactly("api.example A");
  }

  @Test
  void addresses_of_ipv6_are_used_where_there_are_no_others() throws Exception {
    waypoint.names().name("api.example", SIX);
    waypoint.named("catalog", "api.example", port());

    assertThat(get("catalog", "x").body()).isEqualTo("0:0:0:0:0:0:0:1");
    assertThat(waypoint.names().questions()).containsExactly("api.example A", "api.example AAAA");
  }

  @Test
  void a_name_that_does_not_exist_leaves_nothing_healthy() throws Exception {
    waypoint.named("catalog", "gone.example", port());

    RawClient.Answer answer = get("catalog", "x");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("no healthy upstream");
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UH");
  }

  @Test
  void what_a_connection_of_bytes_says_first_waits_for_the_name() throws Exception {
    waypoint.names().name("api.example", FOUR);
    waypoint.named("catalog", "api.example", port());
    declared("catalog", Config.host("catalog"), Protocol.TCP);

    assertThat(get("catalog", "x").body()).isEqualTo("127.0.0.1");
    waypoint.named("catalog", "gone.example", port());
    try (var client = new RawClient(waypoint.front("catalog"))) {
      client.send("hello");
      assertThat(client.ended()).isTrue();
    }
  }

  private void declared(String name, String host, Protocol protocol) {
    waypoint.apply(
        Resource.newBuilder()
            .setSource(Config.ref("Service", name))
            .setService(
                Service.newBuilder()
                    .setNamespace("shop")
                    .setHostname(host)
                    .addPorts(ServicePort.newBuilder().setPort(80).setProtocol(protocol)))
            .build());
  }

  @Test
  void the_address_that_was_dialled_is_the_endpoint_of_a_service_without_resolution()
      throws Exception {
    waypoint.passthrough("outside", new InetSocketAddress(OTHER_FOUR, port()));

    assertThat(get("outside", "x").body()).isEqualTo("127.0.0.2");
  }

  @ParameterizedTest
  @CsvSource({
    "a.example.com,         200, -",
    "A.Example.com:8080,    200, -",
    "b.a.example.com,       200, -",
    "example.com,           404, NR",
    ".example.com,          404, NR",
    "evil-example.com,      404, NR",
    "a.example.com.evil,    404, NR",
    "127.0.0.1,             404, NR",
    "gone.example.com,      503, DF",
  })
  void under_a_wildcard_the_host_that_is_named_is_reached_and_no_other(
      String host, int status, String flags) throws Exception {
    waypoint.names().name("a.example.com", FOUR).name("b.a.example.com", FOUR);
    waypoint.wildcard("outside", "*.example.com", port());

    RawClient.Answer answer = get("outside", host);
    assertThat(answer.status()).isEqualTo(status);
    await().until(() -> waypoint.observer().requests().size() == 1);
    assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo(flags);
    if (status == 503) {
      assertThat(answer.body()).isEqualTo("DNS resolution failure");
    }
  }

  @ParameterizedTest
  @CsvSource({"a.example.com, true", "other.org, false", "gone.example.com, false"})
  void under_a_wildcard_tls_goes_to_the_server_it_names(String serverName, boolean reached)
      throws Exception {
    byte[] hello = Hellos.naming(serverName);
    waypoint.names().name("a.example.com", FOUR);
    try (RawServer echo =
        new RawServer(
            (connection, _) ->
                connection
                    .getOutputStream()
                    .write(connection.getInputStream().readNBytes(hello.length)))) {
      waypoint.wildcard("outside", "*.example.com", echo.address().getPort());
      declared("outside", "*.example.com", Protocol.TCP);
      try (var client = new RawClient(waypoint.front("outside"))) {
        client.socket().getOutputStream().write(hello);
        if (reached) {
          assertThat(client.socket().getInputStream().readNBytes(hello.length)).isEqualTo(hello);
        } else {
          assertThat(client.ended()).isTrue();
        }
      }
    }
  }

  @Test
  void under_a_wildcard_tls_is_begun_with_the_host_that_is_named() throws Exception {
    TestCa ca = TestCa.root("outside");
    waypoint.names().name("a.example.com", FOUR).name("b.example.com", FOUR);
    try (TlsServer tls =
        new TlsServer(
            ca.leaf()
                .uri("spiffe://outside/ns/a/sa/b")
                .dns("a.example.com")
                .subject("CN=a")
                .issue(ca.certificate()),
            null,
            List.of("http/1.1"),
            NamedEndpointsPathTest::where)) {
      waypoint.wildcard("outside", "*.example.com", tls.address().getPort());
      waypoint.apply(originating("*.example.com", ca));

      assertThat(get("outside", "a.example.com").status()).isEqualTo(200);
      assertThat(get("outside", "b.example.com").status()).as("has another name").isEqualTo(503);
      assertThat(tls.seen()).containsExactly(new TlsServer.Seen("a.example.com", "http/1.1", ""));
    }
  }

  private static Resource originating(String host, TestCa ca) throws Exception {
    String pem =
        dev.kiri.hbone.identity.PemText.block("CERTIFICATE", ca.certificate().getEncoded());
    return Resource.newBuilder()
        .setSource(Config.ref("DestinationRule", "d"))
        .setDestinationRule(
            DestinationRule.newBuilder()
                .addTargets(ServiceTarget.newBuilder().setNamespace("shop").setHostname(host))
                .setCreationTime(Timestamp.newBuilder().setSeconds(1))
                .addPolicies(
                    EffectivePolicy.newBuilder()
                        .setPolicy(
                            TrafficPolicy.newBuilder()
                                .setTls(
                                    EndpointTls.newBuilder()
                                        .setRoots(PemSource.newBuilder().setText(pem))))))
        .build();
  }
}
