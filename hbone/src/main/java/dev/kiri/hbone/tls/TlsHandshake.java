package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.SpiffeId;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// One handshake about to happen: the engine, who is expected, and afterwards who it was. Used by
/// one thread at a time; call [#finished()] exactly once when the handshake is over either way.
public final class TlsHandshake {
  private final TlsContexts contexts;
  private final SSLEngine engine;
  private final @Nullable List<SpiffeId> expected;
  private @Nullable VerifiedPeer peer;
  private @Nullable PeerRejected rejected;

  /// `expected` is null on the server's side.
  TlsHandshake(TlsContexts contexts, SSLEngine engine, @Nullable List<SpiffeId> expected) {
    this.contexts = contexts;
    this.engine = engine;
    this.expected = expected;
  }

  public SSLEngine engine() {
    return engine;
  }

  @Nullable List<SpiffeId> expected() {
    return expected;
  }

  void accepted(VerifiedPeer verified) {
    peer = verified;
  }

  void rejected(PeerRejected why) {
    rejected = why;
  }

  /// Whether a peer has been verified.
  public boolean hasPeer() {
    return peer != null;
  }

  /// The verified peer; throws if the handshake did not verify one.
  public VerifiedPeer peer() {
    var verified = peer;
    if (verified == null) {
      throw new IllegalStateException("no peer was verified");
    }
    return verified;
  }

  /// Why this end refused the peer; null if it did not.
  public @Nullable PeerRejected rejection() {
    return rejected;
  }

  /// Forgets the handshake.
  public void finished() {
    contexts.forget(engine);
  }
}
