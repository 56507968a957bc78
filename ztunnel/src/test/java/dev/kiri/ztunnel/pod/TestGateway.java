package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.server.ConnectListener;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.IncomingConnect;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.netns.SocketTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// The way into another network, at the node: ends outer tunnels and passes on what is in them, to
/// one pod's tunnel port.
final class TestGateway implements ConnectListener, AutoCloseable {
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final NamespaceSockets sockets;
  private final InetSocketAddress behind;
  private final Channel listener;

  TestGateway(MeshOfTwoPods mesh, InetSocketAddress at, InetSocketAddress behind) {
    this.behind = behind;
    sockets =
        new NamespaceSockets(
            mesh.network.node(), SocketTransport.EPOLL, new SocketSettings(0, false));
    EventLoop loop = mesh.node.loops().getFirst();
    var contexts = mesh.contexts("ns", "gateway");
    var server = new HboneServer(ServerSettings.DEFAULT, () -> contexts, this);
    listener =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(sockets::newServerChannel)
            .childHandler(server.childHandler())
            .bind(at)
            .syncUninterruptibly()
            .channel();
  }

  /// What was asked for, with the network it came from.
  List<String> asked() {
    return asked;
  }

  @Override
  public void connect(IncomingConnect incoming) {
    asked.add(incoming.request().authority() + " " + incoming.request().forwardedNetwork());
    new Bootstrap()
        .group(incoming.loop())
        .channelFactory(sockets::newChannel)
        .option(ChannelOption.AUTO_READ, false)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(behind)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                incoming.refuse(503);
                return;
              }
              var bridge =
                  StreamBridge.attach(((ChannelFuture) done).channel(), BridgeObserver.NONE);
              bridge.join(incoming.accept(ConnectResponse.OK, bridge.handler()));
            });
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
  }
}
