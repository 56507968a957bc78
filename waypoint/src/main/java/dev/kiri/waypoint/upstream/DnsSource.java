package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.transport.NettyTransport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Asks the name servers of `/etc/resolv.conf`: for IPv4 addresses, and for IPv6 ones when there
/// are none, or the other way round. Names with a dot are taken whole. Thread-safe; works on one
/// loop, and holds no socket before the first question.
public final class DnsSource implements HostNames.Source {
  private static final Path USUAL = Path.of("/etc/resolv.conf");
  private static final int PORT = 53;

  private final EventLoop loop;
  private final NettyTransport.Kind kind;
  private final boolean ipv6First;
  private final @Nullable InetSocketAddress server;
  private @Nullable DnsNameResolver resolver;

  /// @param ipv6First for a proxy that has no IPv4 address
  public DnsSource(EventLoop loop, NettyTransport.Kind kind, boolean ipv6First) {
    this(loop, kind, ipv6First, null);
  }

  /// @param server asked instead of those of the file
  public DnsSource(
      EventLoop loop,
      NettyTransport.Kind kind,
      boolean ipv6First,
      @Nullable InetSocketAddress server) {
    this.loop = loop;
    this.kind = kind;
    this.ipv6First = ipv6First;
    this.server = server;
  }

  @Override
  public CompletionStage<HostNames.Resolved> ask(String host) {
    CompletableFuture<HostNames.Resolved> answer = new CompletableFuture<>();
    DnsRecordType first = ipv6First ? DnsRecordType.AAAA : DnsRecordType.A;
    DnsRecordType second = ipv6First ? DnsRecordType.A : DnsRecordType.AAAA;
    loop.execute(() -> ask(host, first, second, answer));
    return answer;
  }

  private void ask(
      String host,
      DnsRecordType type,
      @Nullable DnsRecordType next,
      CompletableFuture<HostNames.Resolved> answer) {
    try {
      resolver()
          .resolveAll(new DefaultDnsQuestion(host.contains(".") ? host + "." : host, type))
          .addListener(
              (Future<List<DnsRecord>> done) -> {
                HostNames.Resolved resolved = done.isSuccess() ? read(done.getNow()) : null;
                if (resolved != null) {
                  answer.complete(resolved);
                } else if (next != null) {
                  ask(host, next, null, answer);
                } else {
                  answer.completeExceptionally(
                      done.isSuccess()
                          ? new UnknownHostException(host + " has no addresses")
                          : done.cause());
                }
              });
    } catch (RuntimeException refused) { // a name that cannot be put into a question
      answer.completeExceptionally(refused);
    }
  }

  /// Null without an address. The shortest time to live counts.
  private static HostNames.@Nullable Resolved read(List<DnsRecord> records) {
    List<InetAddress> addresses = new ArrayList<>();
    long ttl = Long.MAX_VALUE;
    for (DnsRecord record : records) {
      try {
        if (record instanceof DnsRawRecord raw) {
          ByteBuf content = raw.content();
          byte[] bytes = new byte[content.readableBytes()];
          content.getBytes(content.readerIndex(), bytes);
          addresses.add(InetAddress.getByAddress(bytes));
          ttl = Math.min(ttl, record.timeToLive());
        }
      } catch (UnknownHostException malformed) {
        // neither 4 nor 16 bytes: passed over
      } finally {
        ReferenceCountUtil.release(record);
      }
    }
    return addresses.isEmpty() ? null : new HostNames.Resolved(addresses, Duration.ofSeconds(ttl));
  }

  private DnsNameResolver resolver() {
    DnsNameResolver known = resolver;
    if (known == null) {
      known =
          new DnsNameResolverBuilder(loop)
              .datagramChannelFactory(datagrams())
              .socketChannelFactory(sockets())
              .nameServerProvider(servers())
              .resolveCache(NoopDnsCache.INSTANCE)
              .cnameCache(NoopDnsCnameCache.INSTANCE)
              .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
              .build();
      resolver = known;
    }
    return known;
  }

  /// Without the file Netty would ask servers of the open Internet.
  private DnsServerAddressStreamProvider servers() {
    if (server != null) {
      return new SingletonDnsServerAddressStreamProvider(server);
    }
    return Files.exists(USUAL)
        ? DnsServerAddressStreamProviders.unixDefault()
        : new SingletonDnsServerAddressStreamProvider(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
  }

  private ChannelFactory<DatagramChannel> datagrams() {
    return switch (kind) {
      case EPOLL -> EpollDatagramChannel::new;
      case IO_URING -> IoUringDatagramChannel::new;
      case NIO -> NioDatagramChannel::new;
    };
  }

  private ChannelFactory<SocketChannel> sockets() {
    return switch (kind) {
      case EPOLL -> EpollSocketChannel::new;
      case IO_URING -> IoUringSocketChannel::new;
      case NIO -> NioSocketChannel::new;
    };
  }
}
