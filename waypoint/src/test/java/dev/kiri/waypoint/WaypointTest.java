package dev.kiri.waypoint;

import static dev.kiri.waypoint.testing.Config.backend;
import static dev.kiri.waypoint.testing.Config.header;
import static dev.kiri.waypoint.testing.Config.prefix;
import static dev.kiri.waypoint.testing.Config.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.proxyprotocol.ProxyHeader;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.mesh.ca.CertificateClient;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.GatewayAddress;
import dev.kiri.mesh.proto.workload.NamespacedHostname;
import dev.kiri.mesh.testing.FakeAds;
import dev.kiri.mesh.testing.FakeControlPlane;
import dev.kiri.mesh.testing.Wire;
import dev.kiri.ops.accesslog.AccessLog;
import dev.kiri.ops.accesslog.LineWriter;
import dev.kiri.ops.accesslog.LogFormat;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.testing.Config;
import dev.kiri.waypoint.testing.EchoServer;
import dev.kiri.waypoint.testing.RawClient;
import dev.kiri.waypoint.testing.TunnelClient;
import dev.kiri.waypoint.testing.TunnelledNode;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A whole waypoint: certificate and configuration over gRPC, tunnels with real TLS on both sides.
class WaypointTest {
  private static final String ADDRESS = "type.googleapis.com/istio.workload.Address";
  private static final String AUTHORIZATION = "type.googleapis.com/istio.security.Authorization";
  private static final SpiffeId CLIENT = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/web");
  private static final SpiffeId OWN = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/waypoint");
  private static final InetSocketAddress VIP = new InetSocketAddress("192.0.2.10", 80);
  private static final InetSocketAddress OTHER_VIP = new InetSocketAddress("192.0.2.11", 80);

  private final FakeControlPlane controlPlane = FakeControlPlane.start();
  private final ControlPlaneLoop loop = new ControlPlaneLoop();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final LineWriter lines = new LineWriter(log, 10_000);
  private final Metrics metrics = new Metrics();
  private final Readiness readiness = new Readiness();
  private final EchoServer v1 = new EchoServer("v1");
  private final EchoServer v2 = new EchoServer("v2");
  private final TunnelledNode node1 = node("127.88.0.2", "catalog-v1", v1);
  private final TunnelledNode node2 = node("127.88.0.3", "catalog-v2", v2);
  private final CertificateClient authority =
      new CertificateClient(loop, controlPlane.endpoint(), Duration.ofHours(1), false);
  private final Waypoint waypoint = waypoint();
  private final FakeAds.Stream stream = controlPlane.ads().nextStream();
  private final TunnelClient client =
      new TunnelClient(
          controlPlane.authority().workload(CLIENT, past(), Duration.ofHours(1)),
          OWN,
          waypoint.address());

  private static Instant past() {
    return Instant.now().minusSeconds(60);
  }

  private TunnelledNode node(String address, String account, EchoServer application) {
    SpiffeId identity = SpiffeId.of("cluster.local", "shop", account);
    return new TunnelledNode(
        address,
        controlPlane.authority().workload(identity, past(), Duration.ofHours(1)),
        application.address());
  }

  private Waypoint waypoint() {
    controlPlane
        .ca()
        .answer(
            (_, key) ->
                List.of(
                    controlPlane.ca().leaf(OWN.uri(), key), controlPlane.authority().rootPem()));
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new Waypoint(
        new WaypointSettings(
            OWN,
            "waypoint",
            "waypoint-1",
            "node-1",
            "Kubernetes",
            "",
            null,
            controlPlane.endpoint(),
            NettyTransport.Kind.EPOLL,
            1,
            any,
            any,
            null,
            List.of(any),
            any,
            any,
            Duration.ofSeconds(5)),
        loop,
        authority,
        readiness,
        metrics,
        new AccessLog(lines, LogFormat.PLAIN, Clock.systemUTC(), _ -> true));
  }

  @BeforeEach
  void configure() {
    // A refused object among the first must not keep the waypoint from becoming ready.
    push(Resource.newBuilder().setSource(Config.ref("Novel", "first")).build());
    var binding =
        GatewayAddress.newBuilder()
            .setHostname(
                NamespacedHostname.newBuilder()
                    .setNamespace("shop")
                    .setHostname("waypoint.shop.svc.cluster.local"))
            .setHboneMtlsPort(15008);
    stream.push(
        ADDRESS,
        List.of(
            Wire.resource(
                Wire.address(
                    Wire.service("shop", "catalog", "192.0.2.10", 80, 8080).setWaypoint(binding)),
                "1"),
            Wire.resource(
                Wire.address(Wire.service("shop", "catalog-v2", "192.0.2.12", 80, 8080)), "1"),
            Wire.resource(Wire.address(Wire.service("shop", "other", "192.0.2.11", 80, 8080)), "1"),
            Wire.resource(pod("catalog-v1", "127.88.0.2", "catalog"), "1"),
            Wire.resource(pod("catalog-v2", "127.88.0.3", "catalog-v2"), "1")),
        List.of());
    stream.push(AUTHORIZATION, List.of(), List.of());
    await().until(readiness::ready);
  }

  private static Address pod(String name, String ip, String service) {
    return Wire.address(
        Wire.pod("shop", name, ip)
            .putServices("shop/" + Config.host(service), Wire.ports(80, 8080)));
  }

  private void push(Resource... resources) {
    stream.push(
        ConfigSubscription.TYPE_URL,
        java.util.Arrays.stream(resources)
            .map(r -> Wire.resource(ConfigSubscription.TYPE_URL, Config.name(r), "1", r))
            .toList(),
        List.of());
  }

  private static Resource split(int first, int second) {
    return Config.route(
        "split",
        "catalog",
        80,
        rule(header("x-version", "v2")).addBackends(backend("catalog-v2", 1)).build(),
        rule(prefix("/"))
            .addBackends(backend("catalog", first))
            .addBackends(backend("catalog-v2", second))
            .build());
  }

  @AfterEach
  void stop() {
    client.close();
    waypoint.close();
    authority.close();
    node1.close();
    node2.close();
    v1.close();
    v2.close();
    loop.close();
    controlPlane.close();
    lines.close();
  }

  private String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  @Test
  void a_request_passes_both_tunnels_and_leaves_a_line_and_a_metric() throws Exception {
    try (var http = new RawClient(client.front(VIP))) {
      assertThat(http.get("/hello").answer().body()).startsWith("v1\nGET /hello");
    }

    await().until(() -> log().contains("route_name=default"));
    assertThat(log())
        .contains("method=GET path=\"/hello\" protocol=HTTP/1.1 response_code=200")
        .contains("upstream_host=envoy://connect_originate/127.88.0.2:8080")
        .contains("src.identity=spiffe://cluster.local/ns/shop/sa/web")
        .contains("dst.identity=spiffe://cluster.local/ns/shop/sa/catalog-v1");
    assertThat(metrics.text())
        .contains("istio_requests_total{")
        .contains("reporter=\"waypoint\"")
        .contains("source_principal=\"spiffe://cluster.local/ns/shop/sa/web\"")
        .contains("destination_service=\"catalog.shop.svc.cluster.local\"");
  }

  @Test
  void a_client_whose_certificate_is_refused_leaves_a_line_and_a_count() throws Exception {
    var stranger = SpiffeId.parse("spiffe://other.example/ns/shop/sa/web");
    var foreign = controlPlane.authority().workload(stranger, past(), Duration.ofHours(1));
    try (var outside = new TunnelClient(foreign, OWN, waypoint.address());
        var http = new RawClient(outside.front(VIP))) {
      http.get("/");
      assertThat(http.ended()).isTrue();
    }

    await().until(() -> log().contains("tunnel refused"));
    assertThat(log()).contains("SanTrustDomainError").contains("other.example");
    assertThat(metrics.text())
        .contains("kiri_tunnels_refused_total{reason=\"foreign_trust_domain\"} 1.0");
  }

  @Test
  void a_sandwiched_connection_is_routed_as_the_peer_its_header_names() throws Exception {
    var header = new ProxyHeader(new InetSocketAddress("192.0.2.77", 51_234), VIP, CLIENT).bytes();
    try (var http = new RawClient(Objects.requireNonNull(waypoint.sandwichAddress()))) {
      http.send(new String(header, StandardCharsets.ISO_8859_1));
      assertThat(http.get("/hello").answer().body()).startsWith("v1\nGET /hello");
    }

    await().until(() -> log().contains("route_name=default"));
    assertThat(log())
        .contains("downstream_remote_address=192.0.2.77:51234")
        .contains("src.identity=spiffe://cluster.local/ns/shop/sa/web");
  }

  @Test
  void weights_and_headers_choose_the_endpoint() throws Exception {
    push(split(90, 10));
    await().until(() -> !waypoint.config().program().tables().isEmpty());
    Map<String, Integer> served = new HashMap<>();

    try (var http = new RawClient(client.front(VIP))) {
      for (int i = 0; i < 300; i++) {
        served.merge(http.get("/").answer().header("x-served-by"), 1, Integer::sum);
      }
      assertThat(http.get("/", "x-version: v2").answer().header("x-served-by")).isEqualTo("v2");
    }

    assertThat(served.get("v1")).isCloseTo(270, within(6));
    assertThat(served.get("v2")).isCloseTo(30, within(6));
  }

  @Test
  void a_denied_request_is_403_and_the_line_names_the_policy() throws Exception {
    push(
        Config.policy(
            "read-only",
            AuthorizationPolicy.newBuilder()
                .setAction(AuthorizationPolicy.Action.DENY)
                .addRules(
                    PolicyRule.newBuilder()
                        .addTo(PolicyOperation.newBuilder().addMethods("POST")))));
    await().until(() -> !waypoint.config().program().policies().policies().isEmpty());

    try (var http = new RawClient(client.front(VIP))) {
      http.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\nx");
      assertThat(http.answer().body()).isEqualTo("RBAC: access denied");
      assertThat(http.get("/").answer().status()).isEqualTo(200);
    }

    await().until(() -> log().contains("policy=\"denied by shop/read-only rule 0\""));
  }

  @Test
  void a_resource_nobody_understands_is_refused_by_name() {
    push(Resource.newBuilder().setSource(Config.ref("Novel", "x")).build());

    await()
        .until(
            () -> {
              var request = stream.nextRequest();
              return request.hasErrorDetail()
                  && request.getErrorDetail().getMessage().contains("Novel shop/x");
            });
  }

  @Test
  void a_service_of_another_waypoint_is_refused() throws Exception {
    try (var http = new RawClient(client.front(OTHER_VIP))) {
      http.get("/");
      assertThat(http.ended()).isTrue();
    }
    await().until(() -> log().contains("does not use this waypoint"));
  }

  @Test
  void an_endpoint_with_another_identity_is_not_spoken_to() throws Exception {
    stream.push(
        ADDRESS,
        List.of(
            Wire.resource(
                Wire.address(
                    Wire.pod("shop", "catalog-v1", "127.88.0.2")
                        .setServiceAccount("somebody-else")
                        .putServices("shop/" + Config.host("catalog"), Wire.ports(80, 8080))),
                "2")),
        List.of());
    await()
        .until(
            () ->
                waypoint.mesh().current().workloads().stream()
                    .anyMatch(w -> w.serviceAccount().equals("somebody-else")));

    try (var http = new RawClient(client.front(VIP))) {
      var answer = http.get("/").answer();

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).contains("remote connection failure");
    }
  }

  @Test
  void a_change_under_load_loses_no_request() throws Exception {
    push(split(1, 0));
    InetSocketAddress front = client.front(VIP);
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    List<Thread> load =
        java.util.stream.IntStream.range(0, 4)
            .mapToObj(_ -> Thread.ofVirtual().start(() -> run(front, stopped, answered, failed)))
            .toList();

    for (int i = 0; i < 20; i++) {
      push(split(i % 2, 1 - i % 2));
      int goal = answered.get() + 20;
      await().until(() -> answered.get() >= goal || failed.get() > 0);
    }
    stopped.set(true);
    for (Thread thread : load) {
      thread.join();
    }

    assertThat(failed.get()).isZero();
    assertThat(answered.get()).isGreaterThan(400);
    assertThat(v1.requests()).isPositive();
    assertThat(v2.requests()).isPositive();
  }

  private static void run(
      InetSocketAddress front,
      AtomicBoolean stopped,
      AtomicInteger answered,
      AtomicInteger failed) {
    try (var http = new RawClient(front)) {
      while (!stopped.get()) {
        if (http.get("/").answer().status() == 200) {
          answered.incrementAndGet();
        } else {
          failed.incrementAndGet();
        }
      }
    } catch (java.io.IOException broken) {
      failed.incrementAndGet();
    }
  }

  @Test
  void a_large_body_passes_both_ways_through_both_tunnels() throws Exception {
    String body = "0123456789abcdef".repeat(1 << 19);
    try (var http = new RawClient(client.front(VIP))) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  http.send(
                      "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: "
                          + body.length()
                          + "\r\n\r\n");
                  http.send(body);
                } catch (java.io.IOException gone) {
                  throw new java.io.UncheckedIOException(gone);
                }
              });

      assertThat(http.answer().body()).isEqualTo(body);
    }
  }

  @Test
  void a_drain_ends_idle_connections_and_completes() throws Exception {
    try (var http = new RawClient(client.front(VIP))) {
      assertThat(http.get("/").answer().status()).isEqualTo(200);

      var drained = waypoint.drain(Duration.ofSeconds(5)).toCompletableFuture();

      assertThat(http.ended()).isTrue();
      drained.get(8, java.util.concurrent.TimeUnit.SECONDS);
    }
  }
}
