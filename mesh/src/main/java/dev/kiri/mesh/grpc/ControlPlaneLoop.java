package dev.kiri.mesh.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The one thread that serves all connections of a process to its control plane, and the way those
/// connections are made. Thread-safe; a process makes one, and closes it last.
public final class ControlPlaneLoop implements AutoCloseable {
  /// Upstream's bound on a message of discovery.
  static final int MAX_MESSAGE_BYTES = 200 * 1024 * 1024;

  /// What the server may send ahead of us: small, because a proxy is mostly idle here.
  private static final int WINDOW_BYTES = 256 * 1024;

  private static final int MAX_HEADER_BYTES = 32 * 1024;
  private static final int CONNECT_MILLIS = 5_000;

  // Same as upstream (istio/ztunnel `src/tls/control.rs`).
  private static final int TCP_KEEPALIVE_IDLE_SECONDS = 300;
  private static final int TCP_KEEPALIVE_INTERVAL_SECONDS = 75;
  private static final int TCP_KEEPALIVE_PROBES = 9;
  private static final int PING_SECONDS = 30;
  private static final int PING_TIMEOUT_SECONDS = 10;

  /// Without a pool: a push may have tens of megabytes, and a pool would keep them for ever after.
  private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(true, true);

  private final boolean epoll = Epoll.isAvailable();
  private final EventLoopGroup group;
  private final ExecutorService names = Executors.newVirtualThreadPerTaskExecutor();

  public ControlPlaneLoop() {
    var factory = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("control-plane", true), factory);
  }

  /// A channel that connects on its first call.
  ///
  /// @throws IOException if the roots cannot be read
  ManagedChannel channel(ControlPlaneEndpoint endpoint) throws IOException {
    var builder =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
            .eventLoopGroup(group)
            .channelType(channelType())
            .directExecutor()
            .offloadExecutor(names)
            .sslContext(tls(endpoint))
            .flowControlWindow(WINDOW_BYTES)
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .maxInboundMetadataSize(MAX_HEADER_BYTES)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(false)
            .disableRetry()
            .disableServiceConfigLookUp()
            .userAgent("kiri")
            .withOption(ChannelOption.ALLOCATOR, ALLOCATOR)
            .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .withOption(ChannelOption.SO_KEEPALIVE, true);
    if (epoll) {
      builder
          .withOption(EpollChannelOption.TCP_KEEPIDLE, TCP_KEEPALIVE_IDLE_SECONDS)
          .withOption(EpollChannelOption.TCP_KEEPINTVL, TCP_KEEPALIVE_INTERVAL_SECONDS)
          .withOption(EpollChannelOption.TCP_KEEPCNT, TCP_KEEPALIVE_PROBES);
    }
    return builder.build();
  }

  private Class<? extends Channel> channelType() {
    return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  private static SslContext tls(ControlPlaneEndpoint endpoint) throws IOException {
    return GrpcSslContexts.forClient()
        .trustManager(ServerTrust.of(endpoint))
        .protocols("TLSv1.3")
        .build();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    names.shutdownNow();
  }
}
