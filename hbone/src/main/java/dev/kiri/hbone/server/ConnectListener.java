package dev.kiri.hbone.server;

import dev.kiri.hbone.TunnelPeer;
import java.net.InetSocketAddress;

/// Decides about CONNECT requests and hears what went wrong before one. Called on the tunnel's
/// loop; must not block.
public interface ConnectListener {

  void connect(IncomingConnect incoming);

  /// The handshake failed; `text` is the error of upstream's log.
  default void tlsFailed(InetSocketAddress peer, InetSocketAddress local, String text) {}

  /// A request was answered with `status` without asking.
  default void badRequest(TunnelPeer peer, int status, String text) {}

  /// A tunnel stands.
  default void tunnelOpened(TunnelPeer peer) {}

  /// A tunnel is gone; `text` says why.
  default void tunnelClosed(TunnelPeer peer, String text) {}
}
