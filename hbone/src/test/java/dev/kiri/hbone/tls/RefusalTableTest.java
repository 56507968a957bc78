package dev.kiri.hbone.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.client.ClientSettings;
import dev.kiri.hbone.client.HboneClient;
import dev.kiri.hbone.client.HboneTarget;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.testing.PartialHandler;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.testing.Transports;
import dev.kiri.hbone.tls.TlsSettings.Engine;
import dev.kiri.hbone.transport.NettyTransport.Kind;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// Every certificate and handshake that is refused, row by row: what the peer sees, what the log
/// says, that it is counted once. With both engines over both transports; the peer is a plain TLS
/// socket of the JDK.
///
/// Alerts are those of upstream's TLS library where the engine lets a program choose. The JDK's
/// engine does not: a client's certificate is refused with `certificate_unknown` whatever is wrong,
/// a server's with a better one only if it has expired or is revoked.
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
final class RefusalTableTest {
  private static final SpiffeId PEER = SpiffeId.of("cluster.local", "default", "peer");
  private static final SpiffeId OTHER = SpiffeId.of("cluster.local", "default", "other");
  private static final int ATTEMPTS = 10;
  private static final TestCa CA = TestCa.root("mesh");
  private static final WorkloadCertificate OWN = CA.workload("default", "own");
  private static final BarePeer REVOKED = good();
  private static final BigInteger REVOKED_SERIAL = REVOKED.chain().getFirst().getSerialNumber();

  private enum Side {
    SERVER,
    CLIENT
  }

  /// What the peer sees, `let in` included; what log or failure contain; and what is counted by its
  /// reason: a certificate that was judged, and not refused by the engine already.
  private record Expected(
      String seen, String reason, @Nullable Class<? extends PeerRejected> counted) {
    static Expected byTheEngine(String seen, String reason) {
      return new Expected(seen, reason, null);
    }
  }

  /// One refusal of this library's `side`.
  private record Row(String name, Side side, BarePeer peer, Expected boringSsl, Expected jdk) {
    Expected by(Engine engine) {
      return engine == Engine.BORINGSSL ? boringSsl : jdk;
    }

    @Override
    public String toString() {
      return name + ", refused by a " + side.name().toLowerCase(Locale.ROOT);
    }
  }

  private static final class Rows {
    private final List<Row> all = new ArrayList<>();

    /// By a server, and by a client, for which the JDK's engine may have another alert.
    void both(
        String name,
        BarePeer peer,
        String boringSsl,
        String jdkServer,
        String jdkClient,
        String reason,
        @Nullable Class<? extends PeerRejected> counted) {
      one(Side.SERVER, name, peer, boringSsl, jdkServer, reason, counted);
      one(Side.CLIENT, name, peer, boringSsl, jdkClient, reason, counted);
    }

    void one(
        Side side,
        String name,
        BarePeer peer,
        String boringSsl,
        String jdk,
        String reason,
        @Nullable Class<? extends PeerRejected> counted) {
      all.add(
          new Row(
              name,
              side,
              peer,
              new Expected(boringSsl, reason, counted),
              new Expected(jdk, reason, counted)));
    }
  }

  private static List<Row> rows() {
    var now = Instant.now();
    var rows = new Rows();
    var unknown = "certificate_unknown";
    rows.both("a good certificate", good(), "let in", "let in", "let in", "", null);
    rows.both(
        "expired",
        of(leaf().valid(now.minusSeconds(7_200), now.minusSeconds(3_600))),
        "certificate_expired",
        unknown,
        "certificate_expired",
        "Expired",
        PeerRejected.Expired.class);
    rows.both(
        "not yet valid",
        of(leaf().valid(now.plusSeconds(3_600), now.plusSeconds(7_200))),
        "certificate_expired",
        unknown,
        "certificate_expired",
        "NotValidYet",
        PeerRejected.NotValidYet.class);
    rows.one(
        Side.SERVER,
        "without SAN",
        of(CA.leaf().subject("CN=peer")),
        unknown,
        unknown,
        "SanTrustDomainError(\"cluster.local\", [])",
        PeerRejected.ForeignTrustDomain.class);
    rows.one(
        Side.CLIENT,
        "without SAN",
        of(CA.leaf().subject("CN=peer")),
        unknown,
        unknown,
        "did not present the expected SAN (" + PEER + "), got )",
        PeerRejected.UnexpectedIdentity.class);
    rows.one(
        Side.SERVER,
        "a SAN that is no SPIFFE ID",
        of(CA.leaf().uri("https://example.com/")),
        unknown,
        unknown,
        "SanTrustDomainError(\"cluster.local\", [])",
        PeerRejected.ForeignTrustDomain.class);
    rows.both(
        "two SANs, of which one is expected",
        of(CA.leaf().uri(OTHER.uri()).uri(PEER.uri())),
        "let in",
        "let in",
        "let in",
        "",
        null);
    for (var side : Side.values()) {
      rows.all.add(
          new Row(
              "a SAN that is not critical",
              side,
              of(leaf().namesNotCritical()),
              new Expected("let in", "", null),
              Expected.byTheEngine("bad_certificate", "MUST be marked critical")));
    }
    rows.one(
        Side.SERVER,
        "of a foreign trust domain",
        of(CA.leaf().uri("spiffe://clusterset.local/ns/default/sa/peer")),
        unknown,
        unknown,
        "SanTrustDomainError(\"cluster.local\", [Spiffe { trust_domain: \"clusterset.local\"",
        PeerRejected.ForeignTrustDomain.class);
    rows.one(
        Side.CLIENT,
        "of another identity than expected",
        of(CA.leaf().uri(OTHER.uri())),
        unknown,
        unknown,
        "did not present the expected SAN (" + PEER + "), got " + OTHER,
        PeerRejected.UnexpectedIdentity.class);
    rows.both(
        "of an unknown root",
        of(TestCa.root("unknown").leaf().uri(PEER.uri())),
        "unknown_ca",
        unknown,
        unknown,
        "UnknownIssuer",
        PeerRejected.UnknownIssuer.class);
    rows.both(
        "of a root that only has the same name",
        of(TestCa.root("mesh").leaf().uri(PEER.uri())),
        "unknown_ca",
        unknown,
        unknown,
        "UnknownIssuer",
        PeerRejected.UnknownIssuer.class);
    rows.both(
        "revoked",
        REVOKED,
        "certificate_revoked",
        unknown,
        "certificate_revoked",
        "Revoked",
        PeerRejected.Revoked.class);
    rows.one(
        Side.SERVER,
        "for servers only",
        of(leaf().purposes(KeyPurposeId.id_kp_serverAuth)),
        "unsupported_certificate",
        unknown,
        "InvalidPurpose",
        PeerRejected.InvalidPurpose.class);
    rows.one(
        Side.CLIENT,
        "for clients only",
        of(leaf().purposes(KeyPurposeId.id_kp_clientAuth)),
        "unsupported_certificate",
        unknown,
        "InvalidPurpose",
        PeerRejected.InvalidPurpose.class);
    var nine = "a chain of more than eight, which nobody parses";
    rows.all.add(
        new Row(
            nine,
            Side.SERVER,
            nine(),
            new Expected("bad_certificate", "BadEncoding", PeerRejected.BadEncoding.class),
            Expected.byTheEngine("internal_error", "maximum allowed length")));
    rows.one(
        Side.CLIENT,
        nine,
        nine(),
        "bad_certificate",
        unknown,
        "BadEncoding",
        PeerRejected.BadEncoding.class);
    handshakes(rows);
    return rows.all;
  }

  private static void handshakes(Rows rows) {
    var good = good();
    var server = "tls handshake error";
    var old = new BarePeer(good.keys(), good.chain(), "TLSv1.2", List.of("h2"));
    rows.one(Side.SERVER, "TLS 1.2", old, "protocol_version", "protocol_version", server, null);
    rows.one(Side.CLIENT, "TLS 1.2", old, "closed", "closed", "io error", null);
    var nobody = new BarePeer(good.keys(), List.of(), "TLSv1.3", List.of("h2"));
    rows.one(
        Side.SERVER,
        "no client certificate",
        nobody,
        "certificate_required",
        "certificate_required",
        server,
        null);
    var silent = new BarePeer(good.keys(), good.chain(), "TLSv1.3", List.of());
    var alone = "peer does not support HTTP/2";
    rows.both("no ALPN", silent, "closed", "closed", "closed", alone, null);
    var other = new BarePeer(good.keys(), good.chain(), "TLSv1.3", List.of("http/1.1"));
    rows.one(Side.SERVER, "another ALPN", other, "closed", "no_application_protocol", server, null);
  }

  private static TestCa.Leaf leaf() {
    return CA.leaf().uri(PEER.uri());
  }

  private static BarePeer good() {
    return of(leaf());
  }

  private static BarePeer of(TestCa.Leaf leaf) {
    var keys = TestCa.newKeys();
    return new BarePeer(keys, List.of(leaf.certificate(keys)), "TLSv1.3", List.of("h2"));
  }

  private static BarePeer nine() {
    var good = good();
    return new BarePeer(
        good.keys(), Collections.nCopies(9, good.chain().getFirst()), "TLSv1.3", List.of("h2"));
  }

  @TestFactory
  Stream<DynamicContainer> both_engines_over_both_transports() {
    return Stream.of(Kind.EPOLL, Kind.IO_URING)
        .flatMap(
            kind ->
                Stream.of(Engine.values())
                    .map(
                        engine ->
                            DynamicContainer.dynamicContainer(
                                engine + " over " + kind,
                                rows().stream()
                                    .map(
                                        row ->
                                            DynamicTest.dynamicTest(
                                                row.toString(),
                                                () -> examine(row, kind, engine))))));
  }

  private static void examine(Row row, Kind kind, Engine engine) throws Exception {
    Transports.require(kind);
    switch (row.side()) {
      case SERVER -> asServer(row, kind, engine);
      case CLIENT -> asClient(row, kind, engine);
    }
  }

  private static TlsSettings tls(Engine engine) {
    return TlsSettings.defaults()
        .withEngine(engine)
        .withRevocations((certificate, _) -> certificate.getSerialNumber().equals(REVOKED_SERIAL));
  }

  private static void asServer(Row row, Kind kind, Engine engine) throws Exception {
    var listener = new Recording();
    var expected = row.by(engine);
    try (var server =
        ListeningServer.bind(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> OWN,
            new ListenSettings(ServerSettings.DEFAULT, tls(engine), kind, 1),
            listener)) {
      assertThat(row.peer().dial(server.address())).isEqualTo(expected.seen());

      if (expected.seen().equals("let in")) {
        assertThat(listener.failures).isEmpty();
        return;
      }
      await().until(() -> !listener.failures.isEmpty());
      assertThat(listener.failures).singleElement().asString().contains(expected.reason());
      assertThat(listener.rejections)
          .hasSize(expected.counted() == null ? 0 : 1)
          .allMatch(why -> why.getClass().equals(expected.counted()));
    }
  }

  private static void asClient(Row row, Kind kind, Engine engine) throws Exception {
    var expected = row.by(engine);
    int attempts = ATTEMPTS;
    while (!asClient(row, kind, engine, expected)) {
      assertThat(--attempts).as("no alert, for " + row).isPositive();
    }
  }

  /// Answers whether the alert arrived: the socket is closed right behind it, and if the rest of
  /// the server's messages come only then, the kernel resets the connection and the alert may be
  /// lost.
  private static boolean asClient(Row row, Kind kind, Engine engine, Expected expected)
      throws Exception {
    var server = row.peer().listen();
    var ended = new CompletableFuture<StreamClosed>();
    try (var client =
        new HboneClient(
            () -> OWN, new ClientSettings(PoolSettings.DEFAULT, tls(engine), kind, 1))) {
      client.open(
          new HboneTarget(
              server.address(), List.of(PEER), ConnectRequest.to(Authority.parse("192.0.2.1:80"))),
          new Ending(ended));

      var heard = server.heard().get();
      if (heard.equals("closed") && !expected.seen().equals("closed")) {
        return false;
      }
      assertThat(heard).isEqualTo(expected.seen());
      if (expected.seen().equals("let in")) {
        return true;
      }
      assertThat(ended.get()).isInstanceOf(StreamClosed.Failed.class);
      var failure = ((StreamClosed.Failed) ended.get()).failure();
      assertThat(failure.message()).contains(expected.reason());
      if (expected.counted() != null) {
        assertThat(failure)
            .isInstanceOfSatisfying(
                HboneFailure.TlsRefused.class,
                refused -> assertThat(refused.why()).isInstanceOf(expected.counted()));
      }
      return true;
    }
  }

  /// Hears of refusals only.
  private static final class Recording implements ConnectListener {
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<PeerRejected> rejections = new CopyOnWriteArrayList<>();

    @Override
    public void connect(IncomingConnect incoming) {
      incoming.refuse(503);
    }

    @Override
    public void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {
      failures.add(text);
    }

    @Override
    public void peerRejected(InetSocketAddress peer, PeerRejected why) {
      rejections.add(why);
    }
  }

  /// Hears the end of a stream only.
  private record Ending(CompletableFuture<StreamClosed> ended) implements PartialHandler {
    @Override
    public void closed(StreamClosed why) {
      ended.complete(why);
    }
  }
}
