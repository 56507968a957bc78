package dev.kiri.hbone.conformance;

import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/// The registry: what can be seen of a client by the server that it dials (RFC 8446, RFC 9113, and
/// the outbound side of istio/ztunnel, `src/proxy/h2/client.rs`, `src/tls`).
public final class ClientCases {

  /// All of them: the handshake, streams and windows, a server that means harm.
  public static List<WireCase<ClientExam>> all() {
    return Stream.of(HANDSHAKE, ClientStreamCases.ALL, ClientHostileCases.ALL)
        .flatMap(List::stream)
        .toList();
  }

  private static final List<WireCase<ClientExam>> HANDSHAKE =
      List.of(
          new WireCase<>(
              "C1",
              "TLS 1.3 with ALPN h2 and no server name",
              "[h2], no names",
              exam -> {
                exam.application();
                var tunnel = exam.tunnel();
                return Outcome.of(
                    tunnel.offeredProtocols().equals(List.of("h2"))
                        && tunnel.serverNames().isEmpty(),
                    tunnel.offeredProtocols() + ", " + tunnel.serverNames());
              }),
          new WireCase<>(
              "C2",
              "a certificate with a SPIFFE identity is presented",
              "spiffe://<trust domain>/ns/<namespace>/sa/<service account>",
              exam -> {
                exam.application();
                var identities = CertificateIdentities.of(exam.tunnel().peerCertificate());
                return Outcome.of(identities.first() != null, identities.uris());
              }),
          new WireCase<>(
              "C3",
              "SETTINGS come first, forbid push and allow at least the default window",
              "ENABLE_PUSH 0, INITIAL_WINDOW_SIZE of 65535 or more",
              ClientCases::settings),
          new WireCase<>(
              "C4",
              "a request has a method, an authority with a port, and no other pseudo header",
              ":method CONNECT, :authority host:port",
              ClientCases::request),
          new WireCase<>(
              "C5",
              "a server of another identity is refused",
              "no HTTP/2, the application's connection ends",
              exam -> {
                var s = exam.subject();
                var other = SpiffeId.of(s.server().trustDomain().name(), "other", "other");
                return refused(exam, s.authority().issue(other, s.authority().certificate()));
              }),
          new WireCase<>(
              "C6",
              "a server of an unknown root is refused",
              "no HTTP/2, the application's connection ends",
              exam -> {
                var unknown = ExamAuthority.create("unknown");
                return refused(exam, unknown.issue(exam.subject().server(), unknown.certificate()));
              }),
          new WireCase<>(
              "C7",
              "a server whose certificate has expired is refused",
              "no HTTP/2, the application's connection ends",
              exam -> {
                var s = exam.subject();
                var root = s.authority().certificate();
                return refused(exam, s.authority().issueExpired(s.server(), root));
              }));

  private static Outcome settings(ClientExam exam) throws IOException {
    exam.application();
    var tunnel = exam.tunnel();
    var first = tunnel.next();
    if (!first.is(Frame.SETTINGS)) {
      return new Outcome.Failed("first a frame of type " + first.type());
    }
    int push = first.setting(2, 1);
    int window = first.setting(4, 65_535);
    return Outcome.of(
        push == 0 && window >= 65_535,
        "ENABLE_PUSH %d, INITIAL_WINDOW_SIZE %d, MAX_FRAME_SIZE %d"
            .formatted(push, window, first.setting(5, 16_384)));
  }

  private static Outcome request(ClientExam exam) throws IOException {
    exam.application();
    var headers = exam.tunnel().request().headers();
    boolean pseudo =
        headers.entries().stream()
            .map(entry -> entry.name())
            .filter(name -> name.startsWith(":"))
            .allMatch(List.of(":method", ":authority")::contains);
    return Outcome.of(
        pseudo
            && headers.first(":method").equals("CONNECT")
            && headers.first(":authority").matches(".+:[0-9]+"),
        headers.entries());
  }

  private static Outcome refused(ClientExam exam, WorkloadCertificate as) throws IOException {
    var application = exam.application();
    String tls;
    try (RawTunnel tunnel = exam.tunnel(as)) {
      return new Outcome.Failed("HTTP/2 with frames of type " + tunnel.next().type());
    } catch (IOException e) {
      tls = String.valueOf(e.getMessage());
    }
    var end = application.untilEnd();
    return Outcome.of(!end.equals("still open"), "TLS: " + tls + "; application: " + end);
  }

  /// A stream that stands, and the application's end of it.
  record Joined(RawTunnel tunnel, int stream, ApplicationSocket application) {}

  static Joined joined(ClientExam exam, int... settings) throws IOException {
    var application = exam.application();
    return answered(exam.tunnel(settings), application);
  }

  static Joined answered(RawTunnel tunnel, ApplicationSocket application) throws IOException {
    var request = tunnel.request();
    tunnel.accept(request);
    return new Joined(tunnel, request.stream(), application);
  }

  /// `GOAWAY code, how` against what was expected.
  static Outcome ended(RawTunnel tunnel, int code) {
    var end = tunnel.untilEnd();
    return Outcome.of(end.isBecauseOf(code), end);
  }

  private ClientCases() {}
}
