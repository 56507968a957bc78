package dev.kiri.waypoint.proxy;

import dev.kiri.hbone.tls.PeerRejected;
import java.net.InetSocketAddress;

/// Hears what the proxy did, one method per fact. Called on event loops; must not block.
public interface ProxyObserver {
  void requestFinished(RequestReport report);

  void connectionOpened(Client client, Destination destination);

  void connectionFinished(ConnectionReport report);

  /// A tunnel was refused because of the peer's certificate; [#tunnelFailed] follows.
  default void peerRejected(PeerRejected why) {}

  /// A tunnel did not come about; `error` says why.
  default void tunnelFailed(InetSocketAddress peer, String error) {}

  /// A CONNECT was refused.
  void connectRefused(Client client, String authority, ConnectDecision.Refused why);
}
