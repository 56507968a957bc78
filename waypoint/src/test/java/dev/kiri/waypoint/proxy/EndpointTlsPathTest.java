package dev.kiri.waypoint.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.waypoint.config.v1.BackendTls;
import dev.kiri.waypoint.config.v1.BackendTlsTarget;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.EndpointTls;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PemSource;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.Service;
import dev.kiri.waypoint.config.v1.ServicePort;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.RawServer;
import dev.kiri.waypoint.testing.TlsServer;
import dev.kiri.waypoint.testing.WaypointFixture;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// TLS that the waypoint begins with endpoints, against servers of the JDK.
class EndpointTlsPathTest {
  private static final TestCa CA = TestCa.root("outside");
  private static final TestCa OTHER = TestCa.root("other");
  private static final String URI = "spiffe://outside/ns/a/sa/b";

  private final WaypointFixture waypoint = new WaypointFixture();

  @AfterEach
  void stop() {
    waypoint.close();
  }

  private static WorkloadCertificate certificate(TestCa ca, String name) {
    return ca.leaf().uri(URI).dns(name).subject("CN=" + name).issue(ca.certificate());
  }

  private static String pem(String type, byte[]... blocks) {
    StringBuilder text = new StringBuilder();
    for (byte[] block : blocks) {
      text.append("-----BEGIN ").append(type).append("-----\n");
      text.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(block));
      text.append("\n-----END ").append(type).append("-----\n");
    }
    return text.toString();
  }

  private static PemSource text(String pem) {
    return PemSource.newBuilder().setText(pem).build();
  }

  private static PemSource roots(TestCa ca) throws Exception {
    return text(pem("CERTIFICATE", ca.certificate().getEncoded()));
  }

  private static EndpointTls.Builder tls() throws Exception {
    return EndpointTls.newBuilder().setRoots(roots(CA));
  }

  private static Resource rule(TrafficPolicy.Builder policy) {
    return Resource.newBuilder()
        .setSource(Config.ref("DestinationRule", "d"))
        .setDestinationRule(
            DestinationRule.newBuilder()
                .addTargets(
                    ServiceTarget.newBuilder()
                        .setNamespace("shop")
                        .setHostname(Config.host("catalog")))
                .setCreationTime(Timestamp.newBuilder().setSeconds(1))
                .addPolicies(EffectivePolicy.newBuilder().setPolicy(policy)))
        .build();
  }

  private void ruled(EndpointTls.Builder tls) {
    waypoint.apply(rule(TrafficPolicy.newBuilder().setTls(tls)));
  }

  /// Answers each request of a connection with its head.
  private static void echo(Socket connection, int number) throws IOException {
    while (true) {
      String head = RawServer.readHead(connection.getInputStream());
      RawServer.write(
          connection, "HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
    }
  }

  private TlsServer server(WorkloadCertificate own, String... protocols) {
    TlsServer server = new TlsServer(own, null, List.of(protocols), EndpointTlsPathTest::echo);
    waypoint.service("catalog", server.address());
    return server;
  }

  private RawClient.Answer get() throws IOException {
    try (var client = new RawClient(waypoint.front("catalog"))) {
      return client.get("/").answer();
    }
  }

  /// Unlike [#get] with a host of the test's own.
  private RawClient.Answer getOf(String host) throws IOException {
    try (var client = new RawClient(waypoint.front("catalog"))) {
      return client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").answer();
    }
  }

  @Test
  void the_name_is_the_rules_and_one_connection_carries_many_requests() throws Exception {
    try (TlsServer server = server(certificate(CA, "outside.example"), "http/1.1")) {
      ruled(tls().setServerName("outside.example"));

      assertThat(get().status()).isEqualTo(200);
      assertThat(get().body()).contains("x-request-id");
      assertThat(server.seen())
          .containsExactly(new TlsServer.Seen("outside.example", "http/1.1", ""));
    }
  }

  @Test
  void without_a_name_it_is_that_of_the_request_whose_port_and_case_do_not_count()
      throws Exception {
    try (TlsServer server = server(certificate(CA, "api.example"))) {
      ruled(tls());

      assertThat(getOf("API.example:8443").status()).isEqualTo(200);
      assertThat(getOf("api.example").status()).isEqualTo(200);
      assertThat(server.seen()).extracting(TlsServer.Seen::serverName).containsOnly("api.example");
      assertThat(server.seen()).hasSize(1);

      assertThat(getOf("other.example").status()).isEqualTo(503);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "outside.example,   '',                         200",
    "wrong.example,     '',                         503",
    "wrong.example,     outside.example,            200",
    "wrong.example,     OUTSIDE.example,            200",
    "wrong.example,     spiffe://outside/ns/a/sa/b, 200",
    "outside.example,   spiffe://outside/ns/a/sa/c, 503",
    "outside.example,   example,                    503",
    "outside.example,   'a.example outside.example', 200",
  })
  void the_certificate_must_have_a_name_that_is_accepted(String asked, String names, int status)
      throws Exception {
    try (TlsServer server = server(certificate(CA, "outside.example"))) {
      var tls = tls().setServerName(asked);
      if (!names.isEmpty()) {
        tls.addAllSubjectAltNames(List.of(names.split(" ")));
      }
      ruled(tls);

      assertThat(get().status()).isEqualTo(status);
      assertThat(server.seen().isEmpty()).isEqualTo(status == 503);
    }
  }

  @Test
  void a_certificates_star_stands_for_one_label() throws Exception {
    try (TlsServer server = server(certificate(CA, "*.example"))) {
      for (var row : Map.of("a.example", 200, "a.b.example", 503, "example", 503).entrySet()) {
        ruled(tls().setServerName("x").addSubjectAltNames(row.getKey()));
        assertThat(get().status()).as(row.getKey()).isEqualTo(row.getValue());
      }
      assertThat(server.seen()).isNotEmpty();
    }
  }

  @Test
  void a_stranger_is_refused_and_the_log_says_why_unless_anybody_will_do() throws Exception {
    try (TlsServer server = server(certificate(OTHER, "outside.example"))) {
      ruled(tls().setServerName("outside.example"));
      RawClient.Answer refused = get();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body()).contains("remote connection failure").contains("TLS error");
      await().until(() -> waypoint.observer().requests().size() == 1);
      assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UF,URX");

      ruled(EndpointTls.newBuilder().setServerName("outside.example"));
      assertThat(get().status()).as("roots of the system").isEqualTo(503);

      ruled(tls().setServerName("anything").setSkipVerification(true));
      assertThat(get().status()).isEqualTo(200);
      assertThat(server.seen()).isNotEmpty();
    }
  }

  @Test
  void mutual_shows_a_certificate_read_from_files(@TempDir Path folder) throws Exception {
    WorkloadCertificate own = certificate(OTHER, "waypoint");
    Path chain =
        Files.writeString(folder.resolve("chain"), pem("CERTIFICATE", own.leaf().getEncoded()));
    Path key = Files.writeString(folder.resolve("key"), pem("PRIVATE KEY", own.key().getEncoded()));
    try (var server =
        new TlsServer(
            certificate(CA, "outside.example"),
            OTHER.certificate(),
            List.of(),
            EndpointTlsPathTest::echo)) {
      waypoint.service("catalog", server.address());
      ruled(tls().setServerName("outside.example"));
      assertThat(get().status()).as("without a certificate").isEqualTo(503);

      ruled(
          tls()
              .setServerName("outside.example")
              .setCertificate(PemSource.newBuilder().setFile(chain.toString()))
              .setKey(PemSource.newBuilder().setFile(key.toString())));
      assertThat(get().status()).isEqualTo(200);
      assertThat(server.seen().getLast().clientSubject()).isEqualTo("CN=waypoint");
    }
  }

  @Test
  void what_cannot_be_read_refuses_requests_and_names_field_and_file() throws Exception {
    try (EchoServer plain = new EchoServer("plain")) {
      waypoint.service("catalog", plain.address());
      Resource broken =
          rule(
              TrafficPolicy.newBuilder()
                  .setTls(
                      EndpointTls.newBuilder()
                          .setRoots(PemSource.newBuilder().setFile("/no/such/file"))));
      var refused = waypoint.config().apply(Map.of(Config.name(broken), broken), List.of());

      assertThat(refused)
          .singleElement()
          .extracting("text")
          .isEqualTo(
              "DestinationRule shop/d: destination_rule.policies[0].policy.tls.roots:"
                  + " /no/such/file: cannot be read (NoSuchFileException)");
      assertThat(get().status()).isEqualTo(503);
      assertThat(plain.requests()).as("in clear text").isZero();
    }
  }

  @Test
  void an_endpoint_that_speaks_no_tls_or_hangs_up_is_answered_503() throws Exception {
    try (RawServer plain =
            new RawServer(
                (connection, _) -> {
                  connection.getInputStream().read();
                  RawServer.write(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
                  connection.getInputStream().readAllBytes();
                });
        RawServer mute = new RawServer((connection, _) -> connection.getInputStream().read())) {
      ruled(tls().setServerName("outside.example"));
      waypoint.service("catalog", plain.address());
      assertThat(get().status()).isEqualTo(503);
      waypoint.service("catalog", mute.address());
      RawClient.Answer answer = get();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).contains("remote connection failure").contains("TLS error: ");
    }
  }

  @Test
  void a_handshake_that_takes_too_long_is_given_up() throws Exception {
    try (RawServer silent =
        new RawServer((connection, _) -> connection.getInputStream().readAllBytes())) {
      waypoint.service("catalog", silent.address());
      waypoint.apply(
          rule(
              TrafficPolicy.newBuilder()
                  .setTls(tls().setServerName("outside.example"))
                  .setConnectTimeout(Config.millis(50))));

      RawClient.Answer answer = get();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).endsWith("reset reason: connection timeout");
    }
  }

  @Test
  void large_bodies_pass_in_both_directions() throws Exception {
    byte[] much = new byte[3 << 20];
    new java.util.Random(7).nextBytes(much);
    try (var server =
        new TlsServer(
            certificate(CA, "outside.example"),
            null,
            List.of(),
            (connection, _) -> {
              RawServer.readHead(connection.getInputStream());
              byte[] body = connection.getInputStream().readNBytes(much.length);
              RawServer.write(
                  connection, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
              connection.getOutputStream().write(body);
              connection.getOutputStream().flush();
            })) {
      waypoint.service("catalog", server.address());
      ruled(tls().setServerName("outside.example"));
      try (Socket client = new Socket()) {
        client.connect(waypoint.front("catalog"));
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    RawServer.write(
                        client,
                        "POST / HTTP/1.1\r\nHost: c\r\nContent-Length: "
                            + much.length
                            + "\r\n\r\n");
                    client.getOutputStream().write(much);
                  } catch (IOException broken) {
                    throw new java.io.UncheckedIOException(broken);
                  }
                });
        assertThat(RawServer.readHead(client.getInputStream())).startsWith("HTTP/1.1 200");
        assertThat(client.getInputStream().readNBytes(much.length)).isEqualTo(much);
      }
    }
  }

  private void bytes() {
    waypoint.apply(
        Resource.newBuilder()
            .setSource(Config.ref("Service", "catalog"))
            .setService(
                Service.newBuilder()
                    .setNamespace("shop")
                    .setHostname(Config.host("catalog"))
                    .addPorts(ServicePort.newBuilder().setPort(80).setProtocol(Protocol.TCP)))
            .build());
  }

  @Test
  void a_connection_of_bytes_ends_one_direction_before_the_other() throws Exception {
    try (var server =
        new TlsServer(
            certificate(CA, Config.host("catalog")),
            null,
            List.of(),
            (connection, _) -> {
              byte[] all = connection.getInputStream().readAllBytes();
              connection.getOutputStream().write(all);
            })) {
      bytes();
      waypoint.service("catalog", server.address());
      ruled(tls());
      try (Socket client = new Socket()) {
        client.connect(waypoint.front("catalog"));
        RawServer.write(client, "all of it");
        client.shutdownOutput();
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
            .isEqualTo("all of it");
      }
    }
  }

  @Test
  void an_answer_without_a_length_that_is_cut_short_is_not_taken_for_whole() throws Exception {
    AtomicReference<TlsServer> cutter = new AtomicReference<>();
    try (var server =
        new TlsServer(
            certificate(CA, "outside.example"),
            null,
            List.of(),
            (connection, number) -> {
              RawServer.readHead(connection.getInputStream());
              RawServer.write(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf");
              if (number > 0) {
                ((javax.net.ssl.SSLSocket) connection).shutdownOutput();
              } else {
                cutter.get().cut(connection);
              }
            })) {
      cutter.set(server);
      waypoint.service("catalog", server.address());
      ruled(tls().setServerName("outside.example"));
      try (var client = new RawClient(waypoint.front("catalog"))) {
        client.get("/");
        await().until(() -> !waypoint.observer().requests().isEmpty());
      }
      assertThat(waypoint.observer().requests().getFirst().flags()).isEqualTo("UC");
      assertThat(get().body()).isEqualTo("half");
    }
  }

  @Test
  void a_connection_that_opens_after_its_client_has_left_is_closed() throws Exception {
    CountDownLatch client = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (var server =
        new TlsServer(
            certificate(CA, "outside.example"),
            null,
            List.of(),
            (connection, _) -> {
              try {
                connection.getInputStream().readAllBytes();
              } finally {
                ended.countDown();
              }
            })) {
      server.holdUntil(client);
      waypoint.service("catalog", server.address());
      ruled(tls().setServerName("outside.example"));
      try (var leaving = new RawClient(waypoint.front("catalog"))) {
        leaving.get("/");
        await().until(() -> server.connections() == 1);
        leaving.socket().setSoLinger(true, 0);
      }
      await().until(() -> !waypoint.observer().requests().isEmpty());
      client.countDown();

      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static Resource backendTls(String name, int created, int port, EndpointTls.Builder tls) {
    return Resource.newBuilder()
        .setSource(Config.ref("BackendTLSPolicy", name))
        .setBackendTls(
            BackendTls.newBuilder()
                .setCreationTime(Timestamp.newBuilder().setSeconds(created))
                .addTargets(
                    BackendTlsTarget.newBuilder()
                        .setNamespace("shop")
                        .setHostname(Config.host("catalog"))
                        .setPort(port))
                .setTls(tls))
        .build();
  }

  @Test
  void a_backend_tls_policy_fills_in_where_a_rule_says_nothing_about_tls() throws Exception {
    try (TlsServer server = server(certificate(CA, "outside.example"))) {
      waypoint.apply(backendTls("b", 9, 0, tls().setServerName("outside.example")));
      assertThat(get().status()).as("without a rule").isEqualTo(200);

      waypoint.apply(rule(TrafficPolicy.newBuilder().setMaxRequests(7)));
      assertThat(get().status()).as("beside a rule").isEqualTo(200);
      assertThat(server.seen()).isNotEmpty();

      waypoint.apply(rule(TrafficPolicy.newBuilder().setTls(tls().setServerName("wrong.example"))));
      assertThat(get().status()).as("the rule's own counts").isEqualTo(503);
    }
    try (EchoServer plain = new EchoServer("plain")) {
      waypoint.service("catalog", plain.address());
      waypoint.apply(rule(TrafficPolicy.newBuilder().setNoTls(true)));
      assertThat(get().status()).as("the rule wants none").isEqualTo(200);
    }
  }

  @Test
  void of_backend_tls_policies_that_of_the_port_comes_first_then_the_oldest() throws Exception {
    try (TlsServer server = server(certificate(CA, "outside.example"))) {
      EndpointTls.Builder right = tls().setServerName("outside.example");
      EndpointTls.Builder wrong = tls().setServerName("wrong.example");
      waypoint.apply(backendTls("all", 1, 0, wrong), backendTls("port", 9, 80, right));
      assertThat(get().status()).isEqualTo(200);

      waypoint.apply(backendTls("older", 2, 80, wrong));
      assertThat(get().status()).isEqualTo(503);
      assertThat(server.seen()).isNotEmpty();
    }
  }

  @Test
  void a_backend_tls_policy_without_roots_sends_nothing() throws Exception {
    try (EchoServer plain = new EchoServer("plain")) {
      waypoint.service("catalog", plain.address());
      Resource.Builder broken = backendTls("b", 1, 0, EndpointTls.newBuilder()).toBuilder();
      broken
          .getBackendTlsBuilder()
          .setInvalid(Invalid.newBuilder().setReason("NoValidCACertificate"));
      waypoint.apply(broken.build());

      assertThat(get().status()).isEqualTo(503);
      assertThat(plain.requests()).isZero();
    }
  }
}
