package dev.kiri.controlplane.xds;

/// Hears what the discovery server does; for metrics. Called on the streams' threads.
public interface DiscoveryObserver {
  /// A client has said who it is.
  ///
  /// @param version of the client, as it says; may be empty
  void connected(String version);

  /// The stream of a client that had said who it is has ended.
  void disconnected(String version);

  /// A client has asked for resources.
  void asked(String typeUrl);

  /// A client is about to be told of changes, the first of which has waited that many nanoseconds.
  void queued(long nanos);

  /// The transport has taken a response.
  ///
  /// @param nanos that it has waited for the transport
  /// @param nanosSinceChange since the first change in it; 0 where it answers a request
  void sent(String typeUrl, int bytes, long nanos, long nanosSinceChange);

  /// A client has been told all of an answer or of a round of changes, which took that long with
  /// collecting it.
  void pushed(String typeUrl, long nanos);

  /// A client refused a response.
  void rejected(String typeUrl, String message);

  /// A request carried a nonce that is not the last one.
  void staleNonce(String typeUrl);

  /// Something broke on our side.
  void internalError();
}
