package dev.kiri.waypoint.proxy;

/// Hears what the proxy did, one method per fact. Called on event loops; must not block.
public interface ProxyObserver {
  void requestFinished(RequestReport report);

  void connectionOpened(Client client, Destination destination);

  void connectionFinished(ConnectionReport report);

  /// A CONNECT was refused.
  void connectRefused(Client client, String authority, ConnectDecision.Refused why);
}
