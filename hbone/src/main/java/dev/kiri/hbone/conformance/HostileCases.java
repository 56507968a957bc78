package dev.kiri.hbone.conformance;

import static dev.kiri.hbone.conformance.ServerCases.dial;
import static dev.kiri.hbone.conformance.ServerCases.echoes;
import static dev.kiri.hbone.conformance.ServerCases.skipped;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;

/// A peer that means harm, and one that only looks as if (CVE-2019-9511 ... 9518, CVE-2023-44487,
/// CVE-2024-27316; RFC 9113 10.5).
final class HostileCases {
  private static final String CALM = "GOAWAY ENHANCE_YOUR_CALM, closed";
  private static final int FLOOD = 60_000;

  static final List<WireCase> ALL =
      List.of(
          flood("H1", "streams that are reset at once", HostileCases::rapidReset),
          flood(
              "H2",
              "empty DATA",
              (tunnel, s) -> {
                int stream = opened(tunnel, s);
                var end = tunnel.ending();
                repeat(tunnel, Frame.empty(Frame.DATA, 0, stream));
                return end.get();
              }),
          flood("H3", "CONTINUATION without end", HostileCases::continuations),
          flood("H4", "SETTINGS", (tunnel, _) -> repeated(tunnel, Frame.settings(4, 65_536))),
          flood("H5", "PING", (tunnel, _) -> repeated(tunnel, Frame.ping(1))),
          flood(
              "H6",
              "PING answers that nobody asked for",
              (tunnel, _) ->
                  repeated(tunnel, new Frame(Frame.PING, Frame.ACK, 0, Frame.ping(1).payload()))),
          flood(
              "H7",
              "GOAWAY",
              (tunnel, s) -> {
                opened(tunnel, s);
                return repeated(tunnel, new Frame(Frame.GOAWAY, 0, 0, new byte[8]));
              }),
          flood(
              "H8",
              "frames of an unknown type",
              (tunnel, _) -> repeated(tunnel, Frame.empty(0x42, 0, 0))),
          new WireCase(
              "H9",
              "a header bomb is refused",
              "431 or GOAWAY ENHANCE_YOUR_CALM",
              HostileCases::headerBomb),
          ends(
              "H10",
              "a connection window beyond 2^31-1",
              H2Error.FLOW_CONTROL_ERROR,
              Frame.windowUpdate(0, Integer.MAX_VALUE),
              Frame.windowUpdate(0, Integer.MAX_VALUE)),
          new WireCase(
              "H11",
              "a stream's window beyond 2^31-1 ends the stream alone",
              "RST_STREAM FLOW_CONTROL_ERROR, other streams work",
              HostileCases::streamWindowOverflow),
          new WireCase(
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
          new WireCase(
              "H18",
              "half a TLS handshake is given up",
              "closed within the handshake's limit",
              HostileCases::halfHandshake),
          new WireCase(
              "H19",
              "a preface that does not come is given up",
              "closed within the handshake's limit",
              HostileCases::slowPreface),
          new WireCase(
              "H20",
              "honest bytes one by one never end a tunnel",
              "every byte back",
              HostileCases::honestTinyData),
          new WireCase(
              "H21",
              "a sender whose stream was reset under it keeps its tunnel",
              "200 and the bytes back on the next stream",
              HostileCases::resetInFlight));

  /// One way to flood a tunnel, until it ends.
  @FunctionalInterface
  private interface Flood {
    RawTunnel.End run(RawTunnel tunnel, ServerSubject subject) throws Exception;
  }

  private static WireCase flood(String id, String what, Flood flood) {
    return new WireCase(
        id,
        "a flood of " + what + " ends the tunnel",
        CALM,
        s -> {
          try (var tunnel = dial(s)) {
            var end = flood.run(tunnel, s);
            return Outcome.of(
                end.goAway() == H2Error.ENHANCE_YOUR_CALM && !end.how().equals("still open"), end);
          }
        });
  }

  private static WireCase ends(String id, String what, int code, Frame... frames) {
    return new WireCase(
        id,
        what + " ends the tunnel",
        "GOAWAY " + H2Error.name(code) + ", closed",
        s -> {
          try (var tunnel = dial(s)) {
            tunnel.send(frames);
            var end = tunnel.untilEnd();
            return Outcome.of(end.goAway() == code && !end.how().equals("still open"), end);
          }
        });
  }

  private static int opened(RawTunnel tunnel, ServerSubject s) throws IOException {
    int stream = tunnel.open(HeaderList.connect(s.echo()));
    var answer = tunnel.answer(stream);
    if (!answer.status().equals("200")) {
      throw new IOException("refused with " + answer);
    }
    return stream;
  }

  private static RawTunnel.End repeated(RawTunnel tunnel, Frame frame)
      throws ExecutionException, InterruptedException {
    var end = tunnel.ending();
    repeat(tunnel, frame);
    return end.get();
  }

  /// Sends until the peer has had enough.
  private static void repeat(RawTunnel tunnel, Frame... frames) {
    try {
      for (int i = 0; i < FLOOD; i++) {
        tunnel.queue(frames);
      }
      tunnel.send();
    } catch (IOException e) {
      // the peer has closed: how is what the reader tells
    }
  }

  private static RawTunnel.End rapidReset(RawTunnel tunnel, ServerSubject s)
      throws ExecutionException, InterruptedException {
    var end = tunnel.ending();
    var block = HeaderList.connect(s.echo()).block();
    try {
      for (int i = 0; i < FLOOD; i++) {
        int stream = tunnel.takeStream();
        tunnel.queue(
            new Frame(Frame.HEADERS, Frame.END_HEADERS, stream, block),
            Frame.reset(stream, H2Error.CANCEL));
      }
    } catch (IOException e) {
      // as above
    }
    return end.get();
  }

  private static RawTunnel.End continuations(RawTunnel tunnel, ServerSubject s)
      throws IOException, ExecutionException, InterruptedException {
    tunnel.send(new Frame(Frame.HEADERS, 0, 1, HeaderList.connect(s.echo()).block()));
    return repeated(tunnel, Frame.empty(Frame.CONTINUATION, 0, 1));
  }

  private static Outcome headerBomb(ServerSubject s) throws Exception {
    try (var tunnel = dial(s)) {
      var end = tunnel.ending();
      var fields = new String[2 * 100];
      Arrays.fill(fields, "x".repeat(600));
      var block = HeaderList.connect(s.echo(), fields).block();
      int part = 16_384;
      try {
        tunnel.queue(new Frame(Frame.HEADERS, 0, 1, Arrays.copyOf(block, part)));
        for (int at = part; at < block.length; at += part) {
          int to = Math.min(block.length, at + part);
          int flags = to == block.length ? Frame.END_HEADERS : 0;
          tunnel.queue(new Frame(Frame.CONTINUATION, flags, 1, Arrays.copyOfRange(block, at, to)));
        }
        tunnel.send();
      } catch (IOException e) {
        // as above
      }
      var how = end.get();
      return Outcome.of(how.goAway() == H2Error.ENHANCE_YOUR_CALM, how);
    }
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
      return Outcome.of(!end.how().equals("still open"), end);
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
