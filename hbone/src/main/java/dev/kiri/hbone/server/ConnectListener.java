package dev.kiri.hbone.server;

import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.tls.PeerRejected;
import java.net.InetSocketAddress;

/// Decides about CONNECT requests and hears what went wrong before one. Called on the tunnel's
/// loop; must not block.
public interface ConnectListener {

  void connect(IncomingConnect incoming);

  /// The handshake failed, or the PROXY header in its place; `text` is the error of upstream's log.
  default void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {}

  /// The handshake failed because this end refused the peer's certificate; [#tlsFailed] follows.
  default void peerRejected(InetSocketAddress peer, PeerRejected why) {}

  /// A request was answered with `status` without asking.
  default void badRequest(TunnelPeer peer, int status, String text) {}

  /// A tunnel stands.
  default void tunnelOpened(TunnelPeer peer) {}

  /// A tunnel has stood too long without a request ([ServerSettings#firstRequest]) and is sent
  /// away.
  default void neverAsked(TunnelPeer peer, String text) {}

  /// A tunnel is gone; `text` says why.
  default void tunnelClosed(TunnelPeer peer, String text) {}
}
