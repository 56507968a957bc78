package dev.kiri.hbone.conformance;

import static dev.kiri.hbone.conformance.Exchanges.dial;
import static dev.kiri.hbone.conformance.Exchanges.opened;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;

/// Floods: more of something than an honest peer sends (CVE-2019-9511 ... 9518, CVE-2023-44487,
/// CVE-2024-27316; RFC 9113 10.5).
final class FloodCases {
  private static final String CALM = "GOAWAY ENHANCE_YOUR_CALM, closed";

  static final List<WireCase<ServerSubject>> ALL =
      List.of(
          flood("H1", "streams that are reset at once", FloodCases::rapidReset),
          flood(
              "H2",
              "empty DATA",
              (tunnel, s) -> {
                int stream = opened(tunnel, s);
                return tunnel.flood(Frame.empty(Frame.DATA, 0, stream));
              }),
          flood("H3", "CONTINUATION without end", FloodCases::continuations),
          flood("H4", "SETTINGS", (tunnel, _) -> tunnel.flood(Frame.settings(4, 65_536))),
          flood("H5", "PING", (tunnel, _) -> tunnel.flood(Frame.ping(1))),
          flood(
              "H6",
              "PING answers that nobody asked for",
              (tunnel, _) ->
                  tunnel.flood(new Frame(Frame.PING, Frame.ACK, 0, Frame.ping(1).payload()))),
          flood(
              "H7",
              "GOAWAY",
              (tunnel, s) -> {
                opened(tunnel, s);
                return tunnel.flood(new Frame(Frame.GOAWAY, 0, 0, new byte[8]));
              }),
          flood(
              "H8",
              "frames of an unknown type",
              (tunnel, _) -> tunnel.flood(Frame.empty(0x42, 0, 0))),
          new WireCase<>(
              "H9",
              "a header bomb is refused",
              "431 or GOAWAY ENHANCE_YOUR_CALM",
              FloodCases::headerBomb));

  /// One way to flood a tunnel, until it ends.
  @FunctionalInterface
  private interface Flood {
    RawTunnel.End run(RawTunnel tunnel, ServerSubject subject) throws Exception;
  }

  private static WireCase<ServerSubject> flood(String id, String what, Flood flood) {
    return new WireCase<>(
        id,
        "a flood of " + what + " ends the tunnel",
        CALM,
        s -> {
          try (var tunnel = dial(s)) {
            var end = flood.run(tunnel, s);
            return Outcome.of(end.isBecauseOf(H2Error.ENHANCE_YOUR_CALM), end);
          }
        });
  }

  private static RawTunnel.End rapidReset(RawTunnel tunnel, ServerSubject s)
      throws ExecutionException, InterruptedException {
    var end = tunnel.ending();
    var block = HeaderList.connect(s.echo()).block();
    try {
      for (int i = 0; i < RawTunnel.FLOOD; i++) {
        int stream = tunnel.takeStream();
        tunnel.queue(
            new Frame(Frame.HEADERS, Frame.END_HEADERS, stream, block),
            Frame.reset(stream, H2Error.CANCEL));
      }
    } catch (IOException e) {
      // the peer has closed: how is what the reader tells
    }
    return end.get();
  }

  private static RawTunnel.End continuations(RawTunnel tunnel, ServerSubject s)
      throws IOException, ExecutionException, InterruptedException {
    tunnel.send(new Frame(Frame.HEADERS, 0, 1, HeaderList.connect(s.echo()).block()));
    return tunnel.flood(Frame.empty(Frame.CONTINUATION, 0, 1));
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

  private FloodCases() {}
}
