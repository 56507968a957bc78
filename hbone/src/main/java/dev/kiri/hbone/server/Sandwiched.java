package dev.kiri.hbone.server;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.bridge.TcpStream;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;

/// What a header of PROXY protocol says of a held channel, as a request. Confined to its loop.
final class Sandwiched implements IncomingConnect {
  private final Channel channel;
  private final ConnectRequest request;
  private final TunnelPeer peer;
  private boolean decided;

  Sandwiched(Channel channel, ConnectRequest request, TunnelPeer peer) {
    this.channel = channel;
    this.request = request;
    this.peer = peer;
  }

  @Override
  public ConnectRequest request() {
    return request;
  }

  @Override
  public TunnelPeer peer() {
    return peer;
  }

  @Override
  public EventLoop loop() {
    return channel.eventLoop();
  }

  @Override
  public HboneStream accept(ConnectResponse response, StreamHandler handler) {
    decided = true;
    var stream = TcpStream.attach(channel, peer, handler);
    stream.begin();
    return stream;
  }

  @Override
  public void refuse(int status) {
    decided = true;
    channel.close();
  }

  @Override
  public void abandoned(Runnable peerGaveUp) {
    channel
        .closeFuture()
        .addListener(
            _ -> {
              if (!decided) {
                peerGaveUp.run();
              }
            });
  }
}
