package dev.kiri.ops.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An HTTP/1.1 server with fixed routes, for operators and probes.
///
/// Built, then started once; [#close] stops accepting and closes what is open. Bounds: at most
/// [#MAX_CONNECTIONS] connections (more are closed at once), 8 KiB of request head,
/// [#MAX_BODY_BYTES] of body, two seconds for a request to arrive. Thread-safe after the start.
public final class AdminServer implements AutoCloseable {
  /// Guards the process against a scraper or probe that never closes.
  public static final int MAX_CONNECTIONS = 64;

  /// Largest request body that is read; more is answered with 413.
  public static final int MAX_BODY_BYTES = 64 * 1024;

  static final int MAX_HEAD_BYTES = 8 * 1024;
  private static final int READ_SECONDS = 2;
  private static final Logger LOG = LoggerFactory.getLogger("admin");

  private final String component;
  private final Map<String, AdminRoute> routes = new LinkedHashMap<>();
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
  private final List<Channel> listeners = new ArrayList<>();
  private @Nullable EventLoopGroup ownLoop;

  private AdminServer(String component) {
    this.component = component;
    route("GET", "/version", request -> AdminResponse.text(200, BuildVersion.text() + "\n"));
  }

  /// A server that only tells its version, on `/version`; `component` (`admin`, `stats`,
  /// `readiness`) names it in the log.
  public static AdminServer named(String component) {
    return new AdminServer(component);
  }

  /// Answers `method` on `path`; the method `*` means any. A known path with another method is
  /// answered with 405, an unknown path with 404. To be called before the start.
  public AdminServer route(String method, String path, AdminHandler handler) {
    routes.computeIfAbsent(path, AdminRoute::new).on(method, handler);
    return this;
  }

  /// Answers any path that has no route of its own.
  public AdminServer otherwise(AdminHandler handler) {
    return route("*", "*", handler);
  }

  /// Starts on a loop of its own. Throws when an address cannot be bound.
  public AdminServer start(InetSocketAddress... addresses) {
    var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ownLoop = loop;
    return start(loop, NioServerSocketChannel::new, addresses);
  }

  /// Starts on loops of the caller, who also closes them.
  public AdminServer start(
      EventLoopGroup loops,
      ChannelFactory<? extends ServerChannel> sockets,
      InetSocketAddress... addresses) {
    var dispatcher = new AdminDispatcher(Map.copyOf(routes), connections);
    var bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(sockets)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    assemble(channel, dispatcher);
                  }
                });
    for (var address : addresses) {
      var bound = bootstrap.bind(address).awaitUninterruptibly();
      if (!bound.isSuccess()) {
        close();
        throw new AdminBindException(component, address, bound.cause());
      }
      listeners.add(bound.channel());
      LOG.atInfo()
          .addKeyValue("address", address(bound.channel()))
          .addKeyValue("component", component)
          .log("listener established");
    }
    return this;
  }

  /// Where the server listens, in the order of the start's addresses.
  public List<InetSocketAddress> addresses() {
    return listeners.stream().map(AdminServer::address).toList();
  }

  @Override
  public void close() {
    for (var listener : listeners) {
      listener.close().awaitUninterruptibly();
    }
    listeners.clear();
    if (ownLoop != null) {
      ownLoop.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS);
    }
  }

  private static void assemble(Channel channel, AdminDispatcher dispatcher) {
    channel
        .pipeline()
        // a request that does not arrive in time loses its connection
        .addLast("deadline", new ReadTimeoutHandler(READ_SECONDS))
        .addLast("codec", new HttpServerCodec(1024, MAX_HEAD_BYTES, 8192))
        .addLast("compression", new HttpContentCompressor())
        .addLast("body", new HttpObjectAggregator(MAX_BODY_BYTES))
        .addLast("routes", dispatcher);
  }

  private static InetSocketAddress address(Channel channel) {
    return (InetSocketAddress) channel.localAddress();
  }
}
