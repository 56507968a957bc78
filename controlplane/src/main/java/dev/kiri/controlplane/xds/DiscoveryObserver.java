package dev.kiri.controlplane.xds;

/// Hears what the discovery server does; for metrics. Called on the streams' threads.
public interface DiscoveryObserver {
  /// A stream began or ended.
  void connections(int now);

  /// A response went out, of that many bytes, that many nanoseconds after the first change in it
  /// (0 where it answers a request).
  void pushed(String typeUrl, int bytes, long nanosSinceChange);

  /// A client refused a response.
  void rejected(String typeUrl, String message);

  /// A request carried a nonce that is not the last one.
  void staleNonce(String typeUrl);

  /// Something broke on our side.
  void internalError();
}
