package dev.kiri.hbone.conformance;

import static dev.kiri.hbone.conformance.Exchanges.dial;
import static dev.kiri.hbone.conformance.Exchanges.refused;
import static dev.kiri.hbone.conformance.Exchanges.refusedByTls;
import static dev.kiri.hbone.conformance.Exchanges.status;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// What the rows take for granted: RFC 9113, ALPN, half-close, certificates.
final class ProfileCases {
  static final List<WireCase<ServerSubject>> ALL =
      List.of(
          new WireCase<>(
              "P1",
              "ALPN chooses h2",
              "h2",
              s -> {
                try (var tunnel = dial(s)) {
                  return Outcome.of(
                      tunnel.applicationProtocol().equals("h2"), tunnel.applicationProtocol());
                }
              }),
          new WireCase<>(
              "P2",
              "SETTINGS bound the streams and allow at least the default window",
              "MAX_CONCURRENT_STREAMS between 1 and 1000, INITIAL_WINDOW_SIZE of 65535 or more",
              ProfileCases::settings),
          new WireCase<>(
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
          new WireCase<>(
              "P4",
              "an authority without a port is refused",
              "400 with END_STREAM",
              s -> refused(s, "somewhere", "400")),
          new WireCase<>(
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
          new WireCase<>(
              "P6",
              "END_STREAM ends one direction only",
              "what was sent before comes back, then END_STREAM",
              ProfileCases::halfClose),
          new WireCase<>(
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
          new WireCase<>(
              "P8",
              "an expired certificate is refused",
              "closed before SETTINGS",
              s -> {
                var root = s.authority().certificate();
                return refusedByTls(s, s.authority().issueExpired(s.client(), root));
              }),
          new WireCase<>(
              "P9",
              "a certificate of an unknown root is refused",
              "closed before SETTINGS",
              s -> {
                var unknown = ExamAuthority.create("unknown");
                return refusedByTls(s, unknown.issue(s.client(), unknown.certificate()));
              }));

  private static Outcome settings(ServerSubject s) throws IOException {
    try (var tunnel = dial(s)) {
      var frame = tunnel.await(f -> f.is(Frame.SETTINGS) && !f.has(Frame.ACK));
      int streams = frame.setting(3, Integer.MAX_VALUE);
      int window = frame.setting(4, 65_535);
      return Outcome.of(
          streams >= 1 && streams <= 1_000 && window >= 65_535,
          "MAX_CONCURRENT_STREAMS %d, INITIAL_WINDOW_SIZE %d, MAX_FRAME_SIZE %d"
              .formatted(streams, window, frame.setting(5, 16_384)));
    }
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

  private ProfileCases() {}
}
