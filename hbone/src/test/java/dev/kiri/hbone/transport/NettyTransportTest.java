package dev.kiri.hbone.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.testing.Transports;
import dev.kiri.hbone.transport.NettyTransport.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class NettyTransportTest {
  private static final int CONNECTIONS = 20;

  @ParameterizedTest
  @EnumSource(Kind.class)
  void channels_that_are_closed_at_the_end_hear_of_it_before_their_loop_is_gone(Kind kind)
      throws Exception {
    var transport = Transports.require(kind);
    var loops = transport.newLoops(1, "ending");
    var unregistered = new AtomicInteger();
    var counting =
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new Counting(unregistered));
          }
        };
    var listener =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(counting)
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    var dialled = new ArrayList<Channel>();
    for (int i = 0; i < CONNECTIONS; i++) {
      dialled.add(
          new Bootstrap()
              .group(loops)
              .channelFactory(() -> transport.newSocket().get())
              .handler(counting)
              .connect(listener.localAddress())
              .sync()
              .channel());
    }

    listener.close();
    dialled.forEach(Channel::close);
    transport.shutDown(loops, Duration.ofSeconds(5)).sync();

    assertThat(unregistered.get()).isGreaterThanOrEqualTo(CONNECTIONS);
  }

  /// The end is asked for by a task, behind the turn's look whether it is.
  @ParameterizedTest
  @EnumSource(Kind.class)
  void loops_close_their_channels_whenever_they_are_told_to_end(Kind kind) throws Exception {
    var transport = Transports.require(kind);
    var loops = transport.newLoops(1, "ending");
    var unregistered = new AtomicInteger();
    try (var peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var channel =
          new Bootstrap()
              .group(loops)
              .channelFactory(() -> transport.newSocket().get())
              .handler(new Counting(unregistered))
              .connect(peer.getLocalSocketAddress())
              .sync()
              .channel();

      loops.submit(() -> transport.shutDown(loops, Duration.ofSeconds(5))).sync();
      loops.terminationFuture().sync();

      assertThat(channel.isOpen()).isFalse();
      assertThat(unregistered).hasValue(1);
    }
  }

  private static final class Counting extends ChannelInboundHandlerAdapter {
    private final AtomicInteger unregistered;

    Counting(AtomicInteger unregistered) {
      this.unregistered = unregistered;
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
      unregistered.incrementAndGet();
    }
  }

  /// With listeners of their own, as a kernel that spreads connections would choose them.
  @ParameterizedTest
  @EnumSource(Kind.class)
  void who_comes_while_a_loop_carries_bulk_is_placed_on_another_one(Kind kind) throws Exception {
    var transport = Transports.require(kind);
    var loops = transport.newLoops(2, "placing");
    try {
      var busy = loops.next();
      var quiet = loops.next();
      assertThat(quiet).isNotSameAs(busy);
      assertThat(loopOfAccepted(transport, busy)).isSameAs(busy);

      hasBulk(busy);

      assertThat(loopOfAccepted(transport, busy)).isSameAs(quiet);
      assertThat(loopOfAccepted(transport, quiet)).isSameAs(quiet);
      assertThat(List.of(loops.next(), loops.next(), loops.next())).containsOnly(quiet);
      assertThat(loopOfDialled(transport, busy)).as("dialled for somebody there").isSameAs(busy);
    } finally {
      transport.shutDown(loops, Duration.ofSeconds(1));
    }
  }

  @Test
  void where_all_loops_carry_bulk_they_take_turns() throws Exception {
    var transport = NettyTransport.choose(Kind.EPOLL);
    var loops = transport.newLoops(2, "placing");
    try {
      hasBulk(loops.next());
      hasBulk(loops.next());

      assertThat(List.of(loops.next(), loops.next())).doesNotHaveDuplicates();
    } finally {
      transport.shutDown(loops, Duration.ofSeconds(1));
    }
  }

  /// For long enough.
  private static void hasBulk(EventLoop loop) throws Exception {
    loop.submit(
            () -> {
              long later = loop.ticker().nanoTime() + TimeUnit.MINUTES.toNanos(1);
              LoopMemory.current().load().bulk(later);
            })
        .sync();
  }

  private static EventLoop loopOfAccepted(NettyTransport transport, EventLoop by) throws Exception {
    var accepted = new CompletableFuture<EventLoop>();
    var listener =
        new ServerBootstrap()
            .group(by)
            .channelFactory(() -> transport.newServerSocket().get())
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accepted.complete(channel.eventLoop());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    var at = (InetSocketAddress) listener.localAddress();
    try (var _ = new Socket(at.getAddress(), at.getPort())) {
      return accepted.get();
    } finally {
      listener.close().sync();
    }
  }

  private static EventLoop loopOfDialled(NettyTransport transport, EventLoop by) throws Exception {
    try (var peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var channel =
          new Bootstrap()
              .group(by)
              .channelFactory(() -> transport.newSocket().get())
              .handler(new ChannelInboundHandlerAdapter())
              .connect(peer.getLocalSocketAddress())
              .sync()
              .channel();
      channel.close().sync();
      return channel.eventLoop();
    }
  }

  @Test
  void the_memory_of_a_loop_is_for_its_own_thread() throws Exception {
    var transport = NettyTransport.choose(Kind.EPOLL);
    var loops = transport.newLoops(2, "memory");
    try {
      var first = loops.next();
      var second = loops.next();
      var one = CompletableFuture.supplyAsync(LoopMemory::current, first).get();

      assertThat(CompletableFuture.supplyAsync(LoopMemory::current, first).get()).isSameAs(one);
      assertThat(CompletableFuture.supplyAsync(LoopMemory::current, second).get()).isNotSameAs(one);
      assertThatThrownBy(LoopMemory::current)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("not on an event loop of NettyTransport.newLoops");
    } finally {
      transport.shutDown(loops, Duration.ofSeconds(1));
    }
  }
}
