package dev.kiri.hbone.pool;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.hbone.tunnel.Tunnel;
import dev.kiri.hbone.tunnel.TunnelHandshake;
import dev.kiri.hbone.tunnel.TunnelOwner;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One tunnel of a pool from the socket to its end: TCP, TLS, then the events of the tunnel.
/// Confined to its loop.
final class Dial implements TunnelOwner {
  // the record layer bounds what is under way; Netty's own mark must not bind earlier
  private static final WriteBufferWaterMark MARKS = new WriteBufferWaterMark(1 << 20, 2 << 20);

  private final KeyTunnels tunnels;
  private final LoopTunnels loop;
  private final PoolSettings settings;
  private KeyTunnels.@Nullable PooledTunnel pooled;

  Dial(KeyTunnels tunnels, LoopTunnels loop, PoolSettings settings) {
    this.tunnels = tunnels;
    this.loop = loop;
    this.settings = settings;
  }

  void start(EventLoop on, TunnelDialer dialer, TlsContexts contexts) {
    Channel channel;
    try {
      channel = dialer.newChannel();
    } catch (RuntimeException noSocket) {
      // for want of descriptors, say: nothing that another destination would change
      var cause = noSocket.getCause();
      fail(new HboneFailure.Saturated(OsErrors.text(cause == null ? noSocket : cause)));
      return;
    }
    var config = channel.config();
    config.setOption(ChannelOption.TCP_NODELAY, true);
    config.setOption(ChannelOption.SO_KEEPALIVE, true);
    config.setConnectTimeoutMillis(millis(settings.connectTimeout()));
    config.setWriteBufferWaterMark(MARKS);
    var handshake = contexts.client(channel.alloc(), tunnels.key().expected());
    var tls = TunnelHandshake.install(channel, handshake, settings.tunnel(), this, true);
    on.register(channel)
        .addListener(
            registered -> {
              if (!registered.isSuccess()) {
                tls.abandon();
                fail(new HboneFailure.Io(OsErrors.text(registered.cause())));
                return;
              }
              channel
                  .connect(tunnels.key().destination())
                  .addListener(
                      connected -> {
                        if (!connected.isSuccess()) {
                          tls.abandon();
                          channel.close();
                          fail(notConnected(connected.cause()));
                        }
                      });
            });
  }

  private static int millis(Duration duration) {
    return (int) Math.min(Integer.MAX_VALUE, duration.toMillis());
  }

  private HboneFailure notConnected(Throwable cause) {
    return cause instanceof ConnectTimeoutException
        ? new HboneFailure.ConnectTimedOut(tunnels.key().destination().getPort())
        : new HboneFailure.Io(OsErrors.text(cause));
  }

  private void fail(HboneFailure failure) {
    loop.observer().tunnelFailed(tunnels.key(), failure);
    tunnels.dialFailed(failure);
  }

  @Override
  public void opened(Tunnel tunnel) {
    var made = new KeyTunnels.PooledTunnel(tunnel, settings.maxStreamsPerTunnel(), loop.nanoTime());
    pooled = made;
    tunnels.observeOpened(tunnel.peer());
    tunnels.opened(made);
    loop.tunnelOpened(tunnel);
    tunnel.closeIfRevoked(); // by a list that came during the handshake
  }

  @Override
  public void failed(HboneFailure failure, String text) {
    fail(failure);
  }

  @Override
  public void streamEnded(Tunnel tunnel) {
    tunnels.serveWaiting();
  }

  @Override
  public void capacityChanged(Tunnel tunnel) {
    tunnels.serveWaiting();
  }

  @Override
  public void closed(Tunnel tunnel, String text) {
    if (pooled != null) {
      tunnels.closed(pooled, text);
    }
  }
}
