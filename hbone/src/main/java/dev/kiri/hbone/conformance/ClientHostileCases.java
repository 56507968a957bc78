package dev.kiri.hbone.conformance;

import static dev.kiri.hbone.conformance.ClientCases.ended;
import static dev.kiri.hbone.conformance.ClientCases.joined;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import java.io.IOException;
import java.util.List;

/// A server that means harm, or has lost its way.
final class ClientHostileCases {
  static final List<WireCase<ClientExam>> ALL =
      List.of(
          ends(
              "CH1",
              "PUSH_PROMISE",
              H2Error.PROTOCOL_ERROR,
              new Frame(5, Frame.END_HEADERS, 1, new byte[4])),
          ends(
              "CH2",
              "DATA on a stream that was never asked for",
              H2Error.PROTOCOL_ERROR,
              Frame.data(77, new byte[] {1})),
          ends(
              "CH3",
              "a header block that is no HPACK",
              H2Error.COMPRESSION_ERROR,
              new Frame(Frame.HEADERS, Frame.END_HEADERS, 1, new byte[] {(byte) 0xff, 1})),
          ends(
              "CH4",
              "PING of four bytes",
              H2Error.FRAME_SIZE_ERROR,
              new Frame(Frame.PING, 0, 0, new byte[4])),
          ends(
              "CH5",
              "a connection window beyond 2^31-1",
              H2Error.FLOW_CONTROL_ERROR,
              Frame.windowUpdate(0, Integer.MAX_VALUE),
              Frame.windowUpdate(0, Integer.MAX_VALUE)),
          flood("CH6", "PING", Frame.ping(1)),
          flood("CH7", "empty DATA", Frame.empty(Frame.DATA, 0, 1)),
          flood("CH8", "SETTINGS", Frame.settings(4, 65_536)),
          new WireCase<>(
              "CH9",
              "an answer without a status ends the stream alone",
              "RST_STREAM PROTOCOL_ERROR",
              ClientHostileCases::noStatus),
          new WireCase<>(
              "CH10",
              "a server that accepts TCP and says nothing is given up",
              "the application's connection ends within the handshake's limit",
              ClientHostileCases::silent));

  private static WireCase<ClientExam> ends(String id, String what, int code, Frame... frames) {
    return new WireCase<>(
        id,
        what + " ends the tunnel",
        "GOAWAY " + H2Error.name(code) + ", closed",
        exam -> {
          var tunnel = joined(exam).tunnel();
          tunnel.send(frames);
          return ended(tunnel, code);
        });
  }

  private static WireCase<ClientExam> flood(String id, String what, Frame frame) {
    return new WireCase<>(
        id,
        "a flood of " + what + " ends the tunnel",
        "GOAWAY ENHANCE_YOUR_CALM, closed",
        exam -> {
          var tunnel = joined(exam).tunnel();
          var end = tunnel.flood(frame);
          return Outcome.of(end.isBecauseOf(H2Error.ENHANCE_YOUR_CALM), end);
        });
  }

  private static Outcome noStatus(ClientExam exam) throws IOException {
    exam.application();
    var tunnel = exam.tunnel();
    var request = tunnel.request();
    tunnel.send(
        new Frame(
            Frame.HEADERS,
            Frame.END_HEADERS,
            request.stream(),
            HeaderList.of("server", "x").block()));
    var frame = tunnel.await(f -> f.is(Frame.RST_STREAM) || f.is(Frame.GOAWAY));
    return Outcome.of(
        frame.is(Frame.RST_STREAM) && frame.number(0, -1) == H2Error.PROTOCOL_ERROR,
        "frame type " + frame.type() + " code " + frame.number(0, -1));
  }

  private static Outcome silent(ClientExam exam) throws IOException {
    var limit = exam.subject().handshakeLimit();
    if (limit == null) {
      return new Outcome.Skipped("needs --handshake-limit");
    }
    var application = exam.application();
    application.limit(limit.plus(exam.subject().limit()));
    exam.subject().tunnels().setSoTimeout((int) exam.subject().limit().toMillis());
    try (var mute = exam.subject().tunnels().accept()) {
      var end = application.untilEnd();
      return Outcome.of(mute.isConnected() && !end.equals("still open"), end);
    }
  }

  private ClientHostileCases() {}
}
