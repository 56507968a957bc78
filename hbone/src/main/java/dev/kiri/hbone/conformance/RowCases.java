package dev.kiri.hbone.conformance;

import static dev.kiri.hbone.conformance.Exchanges.dial;
import static dev.kiri.hbone.conformance.Exchanges.echoes;
import static dev.kiri.hbone.conformance.Exchanges.refused;
import static dev.kiri.hbone.conformance.Exchanges.refusedByTls;
import static dev.kiri.hbone.conformance.Exchanges.skipped;

import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.identity.SpiffeId;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The numbered rows: upstream's pinned cases (istio/ztunnel `src/proxy/inbound.rs`, `src/tls`,
/// `src/baggage.rs`).
final class RowCases {
  static final List<WireCase<ServerSubject>> ALL =
      List.of(
          new WireCase<>(
              "1",
              "an ALLOW policy that does not match refuses",
              "401 with END_STREAM",
              s -> s.denied() == null ? skipped("--denied") : refused(s, s.denied(), "401")),
          new WireCase<>(
              "2",
              "an address that is not the tunnel's is refused",
              "400 with END_STREAM",
              s -> refused(s, "198.51.100.1:80", "400")),
          new WireCase<>(
              "3",
              "a host name leads to the service's target port",
              "200 and the bytes back",
              s -> s.named() == null ? skipped("--named") : echoes(s, s.named())),
          new WireCase<>(
              "4",
              "a client of another trust domain is refused",
              "closed before SETTINGS",
              RowCases::foreignTrustDomain),
          new WireCase<>("5", "plain text ends the connection", "closed", RowCases::plainText),
          new WireCase<>(
              "6",
              "two roots in a joined bundle trust each other",
              "200 and the bytes back",
              RowCases::secondRoot),
          new WireCase<>(
              "7", "a revoked certificate is refused", "closed before SETTINGS", s -> revoked(s)),
          new WireCase<>(
              "8",
              "a connection that is open dies when its certificate is revoked",
              "closed",
              RowCases::revokedWhileOpen),
          new WireCase<>(
              "9",
              "whatever forwarded says, the connection stands",
              "200 and the bytes back",
              s ->
                  each(
                      s,
                      "forwarded",
                      "by=a;for=b;host=example.com;proto=https",
                      "host=\"example.com\"",
                      "host=",
                      "host=\u00e9",
                      "")),
          new WireCase<>(
              "10",
              "whatever baggage says, the connection stands",
              "200 and the bytes back",
              s ->
                  each(
                      s,
                      "baggage",
                      "k8s.cluster.name=,service.name=",
                      "=,=,,==",
                      "k8s.namespace.name=\u00e9",
                      "")),
          new WireCase<>(
              "11",
              "the answer describes its workload",
              "k8s.cluster.name=Kubernetes in baggage",
              RowCases::responseBaggage),
          new WireCase<>(
              "12",
              "x-forwarded-network is understood",
              "200 and the bytes back",
              s -> each(s, "x-forwarded-network", "network-2", "")),
          new WireCase<>(
              "14",
              "bytes arrive whole and in order however frames cut them",
              "the bytes back",
              RowCases::cutFrames));

  private static Outcome each(ServerSubject s, String header, String... values) throws IOException {
    try (var tunnel = dial(s)) {
      for (var value : values) {
        var request = HeaderList.connect(s.echo(), header, value, header, "x=y");
        if (echoes(tunnel, request) instanceof Outcome.Failed(var observed)) {
          return new Outcome.Failed(header + ": " + value + " gave " + observed);
        }
      }
    }
    return new Outcome.Passed("200, bytes back, for " + values.length + " values");
  }

  private static Outcome foreignTrustDomain(ServerSubject s) {
    var id = SpiffeId.of("clusterset.local", s.client().namespace(), s.client().serviceAccount());
    return refusedByTls(s, s.authority().issue(id, s.authority().certificate()));
  }

  private static Outcome plainText(ServerSubject s) throws IOException {
    try (var tcp = new Socket()) {
      tcp.connect(s.tunnels(), (int) s.limit().toMillis());
      tcp.setSoTimeout((int) s.limit().toMillis());
      tcp.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      try {
        return new Outcome.Passed(
            "closed after " + tcp.getInputStream().readAllBytes().length + " bytes");
      } catch (SocketTimeoutException e) {
        return new Outcome.Failed("still open");
      } catch (IOException e) {
        return new Outcome.Passed("closed (" + e.getMessage() + ")");
      }
    }
  }

  private static Outcome secondRoot(ServerSubject s) throws IOException {
    var second = s.secondAuthority();
    if (second == null) {
      return skipped("--second-ca-cert and --second-ca-key");
    }
    var as = second.issue(s.client(), s.authority().certificate());
    try (var tunnel = RawTunnel.dial(s.tunnels(), as, s.limit())) {
      return echoes(tunnel, HeaderList.connect(s.echo()));
    }
  }

  private static Outcome revoked(ServerSubject s) {
    var as = s.certificate();
    return s.revoke(as.leaf()) ? refusedByTls(s, as) : skipped("--self");
  }

  private static Outcome revokedWhileOpen(ServerSubject s) throws IOException {
    var as = s.certificate();
    try (var tunnel = RawTunnel.dial(s.tunnels(), as, s.limit())) {
      if (echoes(tunnel, HeaderList.connect(s.echo())) instanceof Outcome.Failed failed) {
        return failed;
      }
      if (!s.revoke(as.leaf())) {
        return skipped("--self");
      }
      var end = tunnel.untilEnd();
      return Outcome.of(end.isClosed(), end);
    }
  }

  private static Outcome responseBaggage(ServerSubject s) throws IOException {
    var describes = s.describesItself();
    if (describes == null) {
      return skipped("--response-baggage");
    }
    try (var tunnel = dial(s)) {
      var baggage = tunnel.answer(tunnel.open(HeaderList.connect(s.echo()))).headers();
      boolean cluster = baggage.first("baggage").contains("k8s.cluster.name=Kubernetes");
      return Outcome.of(
          describes ? cluster : baggage.all("baggage").isEmpty(),
          "baggage: " + baggage.first("baggage"));
    }
  }

  private static Outcome cutFrames(ServerSubject s) throws IOException {
    try (var tunnel = dial(s)) {
      int stream = tunnel.open(HeaderList.connect(s.echo()));
      tunnel.answer(stream);
      var sent = "hello".getBytes(StandardCharsets.US_ASCII);
      tunnel.send(Frame.data(stream, sent));
      for (var b : sent) {
        tunnel.send(Frame.data(stream, new byte[] {b}));
      }
      tunnel.send(new Frame(Frame.DATA, Frame.PADDED, stream, new byte[] {2, 'x', 'y', 0, 0}));
      var back = new String(tunnel.read(stream, 12), StandardCharsets.US_ASCII);
      return Outcome.of(back.equals("hellohelloxy"), back);
    }
  }

  private RowCases() {}
}
