package dev.kiri.hbone.server;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.tunnel.TunnelStream;
import io.netty.channel.EventLoop;

/// A request on its stream.
record Incoming(ConnectRequest request, TunnelStream stream) implements IncomingConnect {
  @Override
  public TunnelPeer peer() {
    return stream.peer();
  }

  @Override
  public EventLoop loop() {
    return stream.loop();
  }

  @Override
  public HboneStream accept(ConnectResponse response, StreamHandler handler) {
    stream.accept(response, handler);
    return stream;
  }

  @Override
  public void refuse(int status) {
    stream.refuse(status);
  }

  @Override
  public void abandoned(Runnable peerGaveUp) {
    stream.onAbandoned(peerGaveUp);
  }
}
