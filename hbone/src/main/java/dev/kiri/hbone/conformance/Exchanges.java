package dev.kiri.hbone.conformance;

import dev.kiri.hbone.conformance.wire.Frame;
import dev.kiri.hbone.conformance.wire.HeaderList;
import dev.kiri.hbone.conformance.wire.RawTunnel;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What cases of a server have in common: dial, ask, judge the answer.
final class Exchanges {
  static RawTunnel dial(ServerSubject s) throws IOException {
    return RawTunnel.dial(s.tunnels(), s.certificate(), s.limit());
  }

  static Outcome skipped(String option) {
    return new Outcome.Skipped("needs " + option);
  }

  static Outcome refused(ServerSubject s, String authority, String status) throws IOException {
    try (var tunnel = dial(s)) {
      return status(tunnel, HeaderList.connect(authority), status);
    }
  }

  static Outcome status(RawTunnel tunnel, HeaderList request, String status) throws IOException {
    var answer = tunnel.answer(tunnel.open(request));
    return Outcome.of(answer.status().equals(status) && answer.ends(), answer);
  }

  /// A TLS 1.3 client hears of its rejection only when it reads.
  static Outcome refusedByTls(ServerSubject s, WorkloadCertificate as) {
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

  static Outcome echoes(ServerSubject s, String authority) throws IOException {
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

  static int opened(RawTunnel tunnel, ServerSubject s) throws IOException {
    int stream = tunnel.open(HeaderList.connect(s.echo()));
    var answer = tunnel.answer(stream);
    if (!answer.status().equals("200")) {
      throw new IOException("refused with " + answer);
    }
    return stream;
  }

  private Exchanges() {}
}
