package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectRequest;

/// What the pool or the server hears about a tunnel. Called on the tunnel's loop.
///
/// Order: `opened` or `failed`; after `opened` the rest, `closed` exactly once and last.
public interface TunnelOwner {

  /// TLS stands and SETTINGS were sent.
  void opened(Tunnel tunnel);

  /// The tunnel never stood. `text` is upstream's text of the accepting end.
  void failed(HboneFailure failure, String text);

  /// A stream has ended.
  default void streamEnded(Tunnel tunnel) {}

  /// The limits have changed, or the tunnel takes no new streams any more.
  default void capacityChanged(Tunnel tunnel) {}

  /// A CONNECT request; the owner answers by `accept` or `refuse` of the stream.
  default void requested(Tunnel tunnel, TunnelStream stream, ConnectRequest request) {
    stream.refuse(405);
  }

  /// A request was answered without asking.
  default void badRequest(TunnelPeer peer, int status, String text) {}

  void closed(Tunnel tunnel, String text);
}
