package dev.kiri.hbone.conformance;

import static dev.kiri.hbone.conformance.Exchanges.dial;
import static dev.kiri.hbone.conformance.Exchanges.echoes;
import static dev.kiri.hbone.conformance.Exchanges.opened;
import static dev.kiri.hbone.conformance.Exchanges.skipped;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A peer that breaks the protocol, and one that only looks as if (RFC 9113 5 and 6).
final class HostileCases {

  static final List<WireCase<ServerSubject>> ALL =
      List.of(
          ends(
              "H10",
              "a connection window beyond 2^31-1",
              H2Error.FLOW_CONTROL_ERROR,
              Frame.windowUpdate(0, Integer.MAX_VALUE),
              Frame.windowUpdate(0, Integer.MAX_VALUE)),
          new WireCase<>(
              "H11",
              "a stream's window beyond 2^31-1 ends the stream alone",
              "RST_STREAM FLOW_CONTROL_ERROR, other streams work",
              HostileCases::streamWindowOverflow),
          new WireCase<>(
              "H12",
              "a stream with a window of zero is sent nothing and holds nobody up",
              "no DATA on it, the bytes back on another",
              HostileCases::zeroWindow),
          ends(
              "H13",
              "DATA on a stream that never was",
              H2Error.PROTOCOL_ERROR,
              Frame.data(77, new byte[] {1})),
          ends(
              "H14",
              "a request with an even number",
              H2Error.PROTOCOL_ERROR,
              new Frame(Frame.HEADERS, Frame.END_HEADERS, 2, HeaderList.connect("a:1").block())),
          ends(
              "H15",
              "PUSH_PROMISE of a client",
              H2Error.PROTOCOL_ERROR,
              new Frame(5, Frame.END_HEADERS, 1, new byte[4])),
          ends(
              "H16",
              "PING of four bytes",
              H2Error.FRAME_SIZE_ERROR,
              new Frame(Frame.PING, 0, 0, new byte[4])),
          ends(
              "H17",
              "a header block that is no HPACK",
              H2Error.COMPRESSION_ERROR,
              new Frame(Frame.HEADERS, Frame.END_HEADERS, 1, new byte[] {(byte) 0xff, 1})),
          new WireCase<>(
              "H18",
              "half a TLS handshake is given up",
              "closed within the handshake's limit",
              HostileCases::halfHandshake),
          new WireCase<>(
              "H19",
              "a preface that does not come is given up",
              "closed within the handshake's limit",
              HostileCases::slowPreface),
          new WireCase<>(
              "H20",
              "honest bytes one by one never end a tunnel",
              "every byte back",
              HostileCases::honestTinyData),
          new WireCase<>(
              "H21",
              "a sender whose stream was reset under it keeps its tunnel",
              "200 and the bytes back on the next stream",
              HostileCases::resetInFlight));

  private static WireCase<ServerSubject> ends(String id, String what, int code, Frame... frames) {
    return new WireCase<>(
        id,
        what + " ends the tunnel",
        "GOAWAY " + H2Error.name(code) + ", closed",
        s -> {
          try (var tunnel = dial(s)) {
            tunnel.send(frames);
            var end = tunnel.untilEnd();
            return Outcome.of(end.isBecauseOf(code), end);
          }
        });
  }

  private static Outcome streamWindowOverflow(ServerSubject s) throws IOException {
    try (var tunnel = dial(s)) {
      int stream = opened(tunnel, s);
      tunnel.send(
          Frame.windowUpdate(stream, Integer.MAX_VALUE),
          Frame.windowUpdate(stream, Integer.MAX_VALUE));
      var frame =
          tunnel.await(f -> f.is(Frame.GOAWAY) || f.stream() == stream && f.is(Frame.RST_STREAM));
      if (frame.is(Frame.GOAWAY) || frame.number(0, -1) != H2Error.FLOW_CONTROL_ERROR) {
        return new Outcome.Failed("frame type " + frame.type());
      }
      return echoes(tunnel, HeaderList.connect(s.echo()));
    }
  }

  private static Outcome zeroWindow(ServerSubject s) throws IOException {
    try (var tunnel = RawTunnel.dial(s.tunnels(), s.certificate(), s.limit(), 4, 0)) {
      int stalled = opened(tunnel, s);
      tunnel.send(Frame.data(stalled, "stalled".getBytes(StandardCharsets.US_ASCII)));
      int other = opened(tunnel, s);
      tunnel.send(Frame.windowUpdate(other, 5), Frame.data(other, new byte[5]));
      int seen = 0;
      while (seen < 5) {
        var frame = tunnel.await(f -> f.is(Frame.DATA) && f.payload().length > 0);
        if (frame.stream() == stalled) {
          return new Outcome.Failed("DATA without a window");
        }
        seen += frame.payload().length;
      }
      tunnel.send(Frame.windowUpdate(stalled, 7));
      return Outcome.of(
          tunnel.read(stalled, 7).length == 7, "nothing until the window opened, then all");
    }
  }

  private static Outcome halfHandshake(ServerSubject s) throws IOException {
    var limit = s.handshakeLimit();
    if (limit == null) {
      return skipped("--handshake-limit");
    }
    try (var tcp = new Socket()) {
      tcp.connect(s.tunnels());
      tcp.setSoTimeout((int) limit.plus(s.limit()).toMillis());
      tcp.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1}); // a ClientHello's beginning
      try {
        tcp.getInputStream().readAllBytes();
        return new Outcome.Passed("closed");
      } catch (SocketTimeoutException e) {
        return new Outcome.Failed("still open");
      } catch (IOException e) {
        return new Outcome.Passed("closed (" + e.getMessage() + ")");
      }
    }
  }

  private static Outcome slowPreface(ServerSubject s) throws IOException {
    var limit = s.handshakeLimit();
    if (limit == null) {
      return skipped("--handshake-limit");
    }
    try (var tunnel = RawTunnel.silent(s.tunnels(), s.certificate(), limit.plus(s.limit()))) {
      var end = tunnel.untilEnd();
      return Outcome.of(end.isClosed(), end);
    }
  }

  /// An application that types, and a peer that gives credit back for every byte at once: two small
  /// WINDOW_UPDATEs a byte.
  private static Outcome honestTinyData(ServerSubject s) throws Exception {
    int total = 40_000;
    try (var tunnel = dial(s)) {
      int stream = opened(tunnel, s);
      var writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < total; i++) {
                        tunnel.queue(Frame.data(stream, new byte[] {(byte) i}));
                      }
                      tunnel.send();
                    } catch (IOException e) {
                      // the tunnel has ended, which the reader tells
                    }
                  });
      int back = 0;
      while (back < total) {
        var frame = tunnel.next();
        if (frame.is(Frame.GOAWAY) || frame.is(Frame.RST_STREAM)) {
          return new Outcome.Failed("frame type " + frame.type() + " after " + back + " bytes");
        }
        int bytes = frame.is(Frame.DATA) ? frame.payload().length : 0;
        for (int i = 0; i < bytes; i++) {
          tunnel.queue(Frame.windowUpdate(stream, 1), Frame.windowUpdate(0, 1));
        }
        tunnel.send();
        back += bytes;
      }
      writer.join();
      return new Outcome.Passed(back + " bytes back");
    }
  }

  /// All of a stream's window is on its way in small frames when its application resets.
  private static Outcome resetInFlight(ServerSubject s) throws IOException {
    if (s.closing() == null) {
      return skipped("--closing");
    }
    try (var tunnel = dial(s)) {
      int stream = tunnel.open(HeaderList.connect(s.closing()));
      tunnel.answer(stream);
      var small = Frame.data(stream, new byte[1]);
      for (int i = 0; i < 30_000; i++) {
        tunnel.queue(small);
      }
      tunnel.send(Frame.endOf(stream));
      return echoes(tunnel, HeaderList.connect(s.echo()));
    }
  }

  private HostileCases() {}
}
