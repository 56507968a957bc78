package dev.kiri.hbone.server;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.channel.EventLoop;

/// A CONNECT request that waits for a decision: exactly one of [#accept] and [#refuse], now or
/// later. Confined to [#loop()].
public interface IncomingConnect {

  ConnectRequest request();

  TunnelPeer peer();

  EventLoop loop();

  /// Answers 200 (or another 2xx) and hands over the stream; bytes flow to `handler` afterwards,
  /// those that arrived before included. If the peer has given up meanwhile, `handler` hears
  /// `closed` only.
  HboneStream accept(ConnectResponse response, StreamHandler handler);

  /// Answers with this status and ends the stream; no body, no headers.
  void refuse(int status);

  /// Runs `peerGaveUp` on the loop if the peer resets the request, or the tunnel goes, before a
  /// decision; at once if that has happened.
  void abandoned(Runnable peerGaveUp);
}
