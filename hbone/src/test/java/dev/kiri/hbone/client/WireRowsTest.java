package dev.kiri.hbone.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.PartialHandler;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.testing.Transports;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport.Kind;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The pinned wire cases about what requests and answers say (istio/ztunnel `src/proxy/inbound.rs`,
/// `src/baggage.rs`, `src/proxy/h2.rs`), named after their rows, on real sockets: what a peer wrote
/// by hand is what the program at the other end hears. Rows 1 to 6 are the conformance kit's, 7 and
/// 8 stand with the CRLs, 12's other half with the nested tunnels, 13 with ztunnel's pods.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class WireRowsTest {
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");
  private static final Baggage FULL =
      new Baggage(
          "Kubernetes", "default", "deployment", "curl", "curl", "v1", "us-east1", "us-east1-b");

  private final TestCa ca = TestCa.root("mesh");
  private final WorkloadCertificate client = ca.workload("default", "client");
  private final WorkloadCertificate server = ca.workload("default", "server");
  private final BlockingQueue<IncomingConnect> requests = new LinkedBlockingQueue<>();

  private ListeningServer serving(Kind transport, @Nullable Baggage describing) throws IOException {
    Transports.require(transport);
    ConnectListener listener =
        incoming -> {
          var echo = new Echoing();
          echo.stream = incoming.accept(new ConnectResponse(200, describing), echo);
          requests.add(incoming);
        };
    return ListeningServer.bind(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        () -> server,
        new ListenSettings(ServerSettings.DEFAULT, TlsSettings.defaults(), transport, 1),
        listener);
  }

  /// What the server understands of a request with these headers.
  private ConnectRequest heard(RawTunnel tunnel, String... headers) throws Exception {
    int stream = tunnel.open(HeaderList.connect("192.0.2.1:80", headers));
    assertThat(tunnel.answer(stream).status()).isEqualTo("200");
    var heard = requests.poll(20, TimeUnit.SECONDS);
    assertThat(heard).isNotNull();
    return heard.request();
  }

  private RawTunnel dial(ListeningServer at) throws IOException {
    return RawTunnel.dial(at.address(), client, Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void row_9_the_host_of_forwarded(Kind transport) throws Exception {
    try (var at = serving(transport, null);
        var tunnel = dial(at)) {
      assertThat(host(heard(tunnel, "forwarded", "by=a;for=b;host=example.com;proto=https")))
          .isEqualTo("example.com");
      assertThat(host(heard(tunnel, "forwarded", "by=a;for=b;host=\"example.com\";proto=https")))
          .isEqualTo("example.com");
      for (var none :
          List.of("by=a;for=b;proto=https", "host=", "host=\"\"", "host=\u00e9.com", "")) {
        assertThat(host(heard(tunnel, "forwarded", none))).isNull();
      }
      assertThat(host(heard(tunnel, "forwarded", "for=\u00e9;host=example.com"))).isNull();
      assertThat(host(heard(tunnel))).isNull();
      assertThat(host(heard(tunnel, "forwarded", "host=first.com", "forwarded", "host=second.com")))
          .isEqualTo("first.com");
    }
  }

  private static @Nullable String host(ConnectRequest request) {
    return request.forwarded() == null ? null : request.forwarded().host();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void row_10_baggage_with_empty_values_and_of_several_lines(Kind transport) throws Exception {
    try (var at = serving(transport, null);
        var tunnel = dial(at)) {
      assertThat(
              heard(
                      tunnel,
                      "baggage",
                      "k8s.cluster.name=,k8s.namespace.name=,k8s.pod.name=,service.name=,"
                          + "service.version=,cloud.region=,cloud.availability_zone=")
                  .baggage())
          .isEqualTo(Baggage.EMPTY);
      assertThat(heard(tunnel, "baggage", "").baggage()).isEqualTo(Baggage.EMPTY);
      assertThat(
              heard(
                      tunnel,
                      "baggage",
                      "k8s.cluster.name=Kubernetes,k8s.namespace.name=default",
                      "baggage",
                      "k8s.deployment.name=curl,service.name=curl,service.version=v1",
                      "baggage",
                      "cloud.region=us-east1,cloud.availability_zone=us-east1-b")
                  .baggage())
          .isEqualTo(FULL);
      assertThat(heard(tunnel, "baggage", "k8s.cluster.name=\u00e9,service.name=x").baggage())
          .isEqualTo(Baggage.EMPTY);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void row_10_what_one_end_builds_the_other_parses(Kind transport) throws Exception {
    try (var at = serving(transport, null);
        var dialling = dialling(transport);
        var socket = dialling.connect(target(at, FULL))) {
      assertThat(requests.take().request().baggage()).isEqualTo(FULL);
      assertThat(socket.peer().identity()).isEqualTo(SERVER);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void row_11_the_answer_tells_about_its_workload_only_where_it_is_to(Kind transport)
      throws Exception {
    try (var silent = serving(transport, null);
        var telling = serving(transport, FULL);
        var toSilent = dial(silent);
        var toTelling = dial(telling)) {
      var without = toSilent.answer(toSilent.open(HeaderList.connect("192.0.2.1:80")));
      var with = toTelling.answer(toTelling.open(HeaderList.connect("192.0.2.1:80")));

      assertThat(without.headers().all("baggage")).isEmpty();
      assertThat(with.headers().first("baggage")).contains("k8s.cluster.name=Kubernetes");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void row_11_the_client_hears_what_the_answer_tells(Kind transport) throws Exception {
    var answer = new CompletableFuture<ConnectResponse>();
    try (var at = serving(transport, FULL);
        var dialling = dialling(transport)) {
      dialling.open(target(at, null), new Answered(answer));

      assertThat(answer.get().baggage()).isEqualTo(FULL);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void row_12_a_single_tunnel_says_nothing_of_its_network(Kind transport) throws Exception {
    try (var at = serving(transport, null);
        var dialling = dialling(transport);
        var socket = dialling.connect(target(at, FULL));
        var tunnel = dial(at)) {
      assertThat(requests.take().request().forwardedNetwork()).isNull();
      assertThat(heard(tunnel, "x-forwarded-network", "network-2").forwardedNetwork())
          .isEqualTo("network-2");
      assertThat(socket.peer().identity()).isEqualTo(SERVER);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void row_14_five_bytes_are_read_as_1_1_1_and_2(Kind transport) throws Exception {
    try (var at = serving(transport, null);
        var dialling = dialling(transport);
        var socket = dialling.connect(target(at, null))) {
      socket.outputStream().write("hello".getBytes(US_ASCII));
      var in = socket.inputStream();
      await().until(() -> in.available() == 5);

      var read = new StringBuilder();
      for (int size : new int[] {1, 1, 1, 100}) {
        var into = new byte[size];
        int bytes = in.read(into);
        read.append(bytes).append(':').append(new String(into, 0, bytes, US_ASCII)).append(' ');
      }

      assertThat(read).hasToString("1:h 1:e 1:l 2:lo ");
    }
  }

  private HboneClient dialling(Kind transport) {
    var defaults = ClientSettings.defaults();
    return new HboneClient(
        () -> client, new ClientSettings(defaults.pool(), defaults.tls(), transport, 1));
  }

  private static HboneTarget target(ListeningServer at, @Nullable Baggage baggage) {
    return new HboneTarget(
        at.address(),
        List.of(SERVER),
        new ConnectRequest(Authority.parse("192.0.2.1:80"), baggage, null, null, null));
  }

  /// Sends back what it gets, which is little.
  private static final class Echoing implements PartialHandler {
    private @Nullable HboneStream stream;

    @Override
    public void data(ByteBuf borrowed) {
      int bytes = borrowed.readableBytes();
      var to = Objects.requireNonNull(stream);
      to.write(borrowed);
      to.acknowledge(bytes);
    }
  }

  /// Hears the answer only.
  private record Answered(CompletableFuture<ConnectResponse> answer) implements PartialHandler {
    @Override
    public void opened(HboneStream stream, ConnectResponse response) {
      answer.complete(response);
    }
  }
}
