package dev.kiri.hbone;

import dev.kiri.hbone.tls.PeerRejected;
import java.util.Locale;

/// Why a stream could not be opened, with the text that upstream's proxies log for it
/// (istio/ztunnel `src/proxy.rs`, enum `Error`).
public sealed interface HboneFailure {

  /// The text of the access log's `error` field.
  String message();

  /// Why a request got no answer, from how its stream ended. `confirmed` says whether the peer's
  /// SETTINGS had come: without them it may have refused this end's certificate (RFC 8446: a client
  /// learns it only when it reads).
  static HboneFailure unanswered(StreamClosed why, boolean confirmed) {
    return switch (why) {
      case StreamClosed.Reset(int code, _) ->
          new StreamFailed("stream error received: " + H2Error.name(code).toLowerCase(Locale.ROOT));
      case StreamClosed.TunnelLost(String text) ->
          confirmed ? new StreamFailed(text) : new Http2Failed(text);
      case StreamClosed.PeerRevoked _ -> new StreamFailed(StreamClosed.PeerRevoked.TEXT);
      case StreamClosed.Finished _ -> new StreamFailed("the stream ended without an answer");
      case StreamClosed.Failed(var failure) -> failure;
    };
  }

  /// TCP did not connect in time.
  record ConnectTimedOut(int port) implements HboneFailure {
    @Override
    public String message() {
      return "connection timed out, maybe a NetworkPolicy is blocking HBONE port "
          + port
          + ": deadline has elapsed";
    }
  }

  /// TCP or TLS failed; `detail` is the error's own text.
  record Io(String detail) implements HboneFailure {
    @Override
    public String message() {
      return "io error: " + detail;
    }
  }

  /// The peer's certificate was not acceptable.
  record TlsRefused(PeerRejected why) implements HboneFailure {
    @Override
    public String message() {
      return "io error: invalid peer certificate: " + why.text();
    }
  }

  /// TLS stood, HTTP/2 did not come up.
  record Http2Failed(String detail) implements HboneFailure {
    @Override
    public String message() {
      return "http2 handshake failed: " + detail;
    }
  }

  /// HTTP/2 stood, and the stream was reset or lost before an answer.
  record StreamFailed(String detail) implements HboneFailure {
    @Override
    public String message() {
      return "h2 failed: " + detail;
    }
  }

  /// There is no certificate for the source identity yet.
  record NoCertificate(String identity) implements HboneFailure {
    @Override
    public String message() {
      return "signing error: no certificate for " + identity;
    }
  }

  /// The peer answered with a status other than 200.
  record Refused(int status) implements HboneFailure {
    @Override
    public String message() {
      return "http status: " + HttpStatus.line(status);
    }
  }

  /// A bound of the pool was reached: `what` names it.
  record Saturated(String what) implements HboneFailure {
    @Override
    public String message() {
      return "tunnel pool saturated: " + what;
    }
  }

  /// The opener gave up, or the pool was closed.
  record Cancelled(String by) implements HboneFailure {
    @Override
    public String message() {
      return "opening cancelled: " + by;
    }
  }
}
