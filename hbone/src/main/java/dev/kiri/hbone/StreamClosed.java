package dev.kiri.hbone;

/// How a stream ended. [#errorText()] is null when it ended as intended by both sides.
public sealed interface StreamClosed {

  /// Both directions ended.
  record Finished() implements StreamClosed {}

  /// The peer sent RST_STREAM with this code (RFC 9113 7), or this side did.
  record Reset(int code, boolean byPeer) implements StreamClosed {}

  /// The tunnel under the stream went away.
  record TunnelLost(String text) implements StreamClosed {}

  /// The tunnel was closed since the peer's certificate is revoked by now.
  record PeerRevoked() implements StreamClosed {
    /// What logs say of it, as upstream's.
    public static final String TEXT = "connection closed: peer certificate revoked by CRL";
  }

  /// The stream never opened.
  record Failed(HboneFailure failure) implements StreamClosed {}
}
