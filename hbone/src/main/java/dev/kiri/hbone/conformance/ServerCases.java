package dev.kiri.hbone.conformance;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// The registry: every pinned case that a server can be asked about. Upstream's tests are the
/// source of the numbered ones (istio/ztunnel `src/proxy/inbound.rs`, `src/tls`, `src/baggage.rs`).
public final class ServerCases {

  /// All of them: the numbered rows, the profile, the hostile ones.
  public static List<WireCase> all() {
    return Stream.of(ROWS, PROFILE, HostileCases.ALL).flatMap(List::stream).toList();
  }

  private static final List<WireCase> ROWS =
      List.of(
          new WireCase(
              "1",
              "an ALLOW policy that does not match refuses",
              "401 with END_STREAM",
              s -> s.denied() == null ? skipped("--denied") : refused(s, s.denied(), "401")),
          new WireCase(
              "2",
              "an address that is not the tunnel's is refused",
              "400 with END_STREAM",
              s -> refused(s, "198.51.100.1:80", "400")),
          new WireCase(
              "3",
              "a host name leads to the service's target port",
              "200 and the bytes back",
              s -> s.named() == null ? skipped("--named") : echoes(s, s.named())),
          new WireCase(
              "4",
              "a client of another trust domain is refused",
              "closed before SETTINGS",
              ServerCases::foreignTrustDomain),
          new WireCase("5", "plain text ends the connection", "closed", ServerCases::plainText),
          new WireCase(
              "6",
              "two roots in a joined bundle trust each other",
              "200 and the bytes back",
              ServerCases::secondRoot),
          new WireCase(
              "7", "a revoked certificate is refused", "closed before SETTINGS", s -> revoked(s)),
          new WireCase(
              "8",
              "a connection that is open dies when its certificate is revoked",
              "closed",
              ServerCases::revokedWhileOpen),
          new WireCase(
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
          new WireCase(
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
          new WireCase(
              "11",
              "the answer describes its workload",
              "k8s.cluster.name=Kubernetes in baggage",
              ServerCases::responseBaggage),
          new WireCase(
              "12",
              "x-forwarded-network is understood",
              "200 and the bytes back",
              s -> each(s, "x-forwarded-network", "network-2", "")),
          new WireCase(
              "14",
              "bytes arrive whole and in order however frames cut them",
              "the bytes back",
              ServerCases::cutFrames));

  private static final List<WireCase> PROFILE =
      List.of(
          new WireCase(
              "P1",
              "ALPN chooses h2",
              "h2",
              s -> {
                try (var tunnel = dial(s)) {
                  return Outcome.of(
                      tunnel.applicationProtocol().equals("h2"), tunnel.applicationProtocol());
                }
              }),
          new WireCase(
              "P2",
              "SETTINGS bound the streams and allow at least the default window",
              "MAX_CONCURRENT_STREAMS between 1 and 1000, INITIAL_WINDOW_SIZE of 65535 or more",
              ServerCases::settings),
          new WireCase(
              "P3",
              "a method other than CONNECT is refused",
              "400 with END_STREAM",
              s -> {
                try (var tunnel = dial(s)) {
                  var get =
                      HeaderList.of(
                          ":method",
                          "GET",
                          ":scheme",
                          "https",
                          ":path",
                          "/",
                          ":authority",
                          s.echo());
                  return status(tunnel, get, "400");
                }
              }),
          new WireCase(
              "P4",
              "an authority without a port is refused",
              "400 with END_STREAM",
              s -> refused(s, "somewhere", "400")),
          new WireCase(
              "P5",
              "CONNECT with a path is malformed",
              "RST_STREAM PROTOCOL_ERROR",
              s -> {
                try (var tunnel = dial(s)) {
                  int stream = tunnel.open(HeaderList.connect(s.echo(), ":path", "/"));
                  var frame = tunnel.await(f -> f.stream() == stream);
                  return Outcome.of(
                      frame.is(Frame.RST_STREAM) && frame.number(0, -1) == H2Error.PROTOCOL_ERROR,
                      "frame type " + frame.type() + " code " + frame.number(0, -1));
                }
              }),
          new WireCase(
              "P6",
              "END_STREAM ends one direction only",
              "what was sent before comes back, then END_STREAM",
              ServerCases::halfClose),
          new WireCase(
              "P7",
              "PING is answered",
              "PING with ACK and the same bytes",
              s -> {
                try (var tunnel = dial(s)) {
                  tunnel.send(Frame.ping(0x0123_4567_89ab_cdefL));
                  var ack = tunnel.await(f -> f.is(Frame.PING) && f.has(Frame.ACK));
                  return Outcome.of(
                      Arrays.equals(ack.payload(), Frame.ping(0x0123_4567_89ab_cdefL).payload()),
                      "PING with ACK");
                }
              }),
          new WireCase(
              "P8",
              "an expired certificate is refused",
              "closed before SETTINGS",
              s -> {
                var now = java.time.Instant.now();
                var expired =
                    s.authority()
                        .issue(
                            s.client(),
                            now.minusSeconds(7_200),
                            now.minusSeconds(3_600),
                            s.authority().certificate());
                return refusedByTls(s, expired);
              }),
          new WireCase(
              "P9",
              "a certificate of an unknown root is refused",
              "closed before SETTINGS",
              s -> {
                var unknown = ExamAuthority.create("unknown");
                return refusedByTls(s, unknown.issue(s.client(), unknown.certificate()));
              }));

  static RawTunnel dial(ServerSubject s) throws IOException {
    return RawTunnel.dial(s.tunnels(), s.certificate(), s.limit());
  }

  static Outcome skipped(String option) {
    return new Outcome.Skipped("needs " + option);
  }

  private static Outcome refused(ServerSubject s, String authority, String status)
      throws IOException {
    try (var tunnel = dial(s)) {
      return status(tunnel, HeaderList.connect(authority), status);
    }
  }

  private static Outcome status(RawTunnel tunnel, HeaderList request, String status)
      throws IOException {
    var answer = tunnel.answer(tunnel.open(request));
    return Outcome.of(answer.status().equals(status) && answer.ends(), answer);
  }

  private static Outcome echoes(ServerSubject s, String authority) throws IOException {
    try (var tunnel = dial(s)) {
      return echoes(tunnel, HeaderList.connect(authority));
    }
  }

  static Outcome echoes(RawTunnel tunnel, HeaderList request) throws IOException {
    int stream = tunnel.open(request);
    var answer = tunnel.answer(stream);
    if (!answer.status().equals("200") || answer.ends()) {
      return new Outcome.Failed(answer.toString());
    }
    var sent = "ping".getBytes(StandardCharsets.US_ASCII);
    tunnel.send(Frame.data(stream, sent));
    return Outcome.of(Arrays.equals(tunnel.read(stream, sent.length), sent), "200, bytes back");
  }

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

  /// A TLS 1.3 client hears of its rejection only when it reads.
  private static Outcome refusedByTls(ServerSubject s, WorkloadCertificate as) {
    try (var tunnel = RawTunnel.dial(s.tunnels(), as, s.limit())) {
      var first = tunnel.next();
      return new Outcome.Failed("a frame of type " + first.type());
    } catch (SocketTimeoutException e) {
      return new Outcome.Failed("still open");
    } catch (EOFException e) {
      return new Outcome.Passed("closed");
    } catch (IOException e) {
      return new Outcome.Passed("closed (" + e.getMessage() + ")");
    }
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
      return Outcome.of(!end.how().equals("still open"), end);
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

  private static Outcome settings(ServerSubject s) throws IOException {
    try (var tunnel = dial(s)) {
      var frame = tunnel.await(f -> f.is(Frame.SETTINGS) && !f.has(Frame.ACK));
      int streams = setting(frame, 3, Integer.MAX_VALUE);
      int window = setting(frame, 4, 65_535);
      return Outcome.of(
          streams >= 1 && streams <= 1_000 && window >= 65_535,
          "MAX_CONCURRENT_STREAMS %d, INITIAL_WINDOW_SIZE %d, MAX_FRAME_SIZE %d"
              .formatted(streams, window, setting(frame, 5, 16_384)));
    }
  }

  private static int setting(Frame frame, int id, int missing) {
    for (int at = 0; at + 6 <= frame.payload().length; at += 6) {
      if ((frame.payload()[at] << 8 | frame.payload()[at + 1]) == id) {
        return frame.number(at + 2, missing);
      }
    }
    return missing;
  }

  private static Outcome halfClose(ServerSubject s) throws IOException {
    try (var tunnel = dial(s)) {
      int stream = tunnel.open(HeaderList.connect(s.echo()));
      tunnel.answer(stream);
      tunnel.send(Frame.data(stream, new byte[] {'a'}), Frame.endOf(stream));
      boolean came = false;
      while (true) {
        var frame = tunnel.await(f -> f.stream() == stream);
        came |= frame.is(Frame.DATA) && frame.payload().length == 1;
        if (frame.is(Frame.RST_STREAM) || frame.has(Frame.END_STREAM) && frame.is(Frame.DATA)) {
          return Outcome.of(came && frame.is(Frame.DATA), "frame type " + frame.type());
        }
      }
    }
  }

  private ServerCases() {}
}
