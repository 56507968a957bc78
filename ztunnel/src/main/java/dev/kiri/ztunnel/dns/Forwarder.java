package dev.kiri.ztunnel.dns;

import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.redirect.netns.NamespaceSockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Asks name servers, from inside a pod, so that they see the pod. Confined to its event loop; how
/// many questions are open at once is the caller's to bound.
///
/// Each question has a socket, so a port, and an identifier of its own, which a forger would have
/// to guess; what does not answer the question is not heard. The servers are asked one after the
/// other: one that refuses, fails or is silent for its time is passed over, and what worked last is
/// asked first next time. A question by UDP is asked by UDP and may be answered with the truncation
/// mark, after which the client comes by TCP, and so do we.
final class Forwarder {
  /// However many servers there are: no client waits longer.
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// Packets that answer something else, before a server counts as unusable.
  private static final int MAX_STRAYS = 16;

  private final EventLoop loop;
  private final NamespaceSockets sockets;
  private final Supplier<Resolvers> resolvers;
  private final RandomGenerator random;
  private final Set<Asking> open = new HashSet<>();
  private int preferred;

  /// `random` must be one that cannot be foreseen.
  Forwarder(
      EventLoop loop,
      NamespaceSockets sockets,
      Supplier<Resolvers> resolvers,
      RandomGenerator random) {
    this.loop = loop;
    this.sockets = sockets;
    this.resolvers = resolvers;
    this.random = random;
  }

  /// Hears what came of a question, once, on the loop.
  interface Done {
    /// Owns the message, whose identifier is the client's.
    void answered(UpstreamReply reply, ByteBuf message);

    void failed(String why);
  }

  /// Asks; `message` is the client's, which gets another identifier for each server.
  void ask(DnsQuery query, ByteBuf message, boolean tcp, Done done) {
    var asking = new Asking(query, message.retain(), tcp, done);
    open.add(asking);
    asking.next("no name servers are known");
  }

  /// Ends all open questions.
  void close() {
    List.copyOf(open).forEach(asking -> asking.fail("the pod is gone"));
  }

  /// One question on its way from server to server.
  private final class Asking {
    private final DnsQuery query;
    private final ByteBuf message;
    private final boolean tcp;
    private final Done done;
    private final Resolvers from = resolvers.get();
    private final int first = preferred;
    private final long startNanos = System.nanoTime();
    private int tries;
    private int id;
    private int strays;
    private @Nullable Channel channel;
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable UpstreamReply last;
    private @Nullable ByteBuf lastMessage;

    Asking(DnsQuery query, ByteBuf message, boolean tcp, Done done) {
      this.query = query;
      this.message = message;
      this.tcp = tcp;
      this.done = done;
    }

    /// Goes on to the next server, if there is one and time is left; `why` the last one failed.
    void next(String why) {
      quiet();
      var left = PATIENCE.minusNanos(System.nanoTime() - startNanos);
      if (tries >= from.servers().size() * from.attempts() || !left.isPositive()) {
        fail(why);
        return;
      }
      var server = from.servers().get((first + tries) % from.servers().size());
      tries++;
      strays = 0;
      id = random.nextInt(1 << 16);
      message.setShort(message.readerIndex(), id);
      try {
        connect(server);
      } catch (ChannelException noSocket) {
        fail(OsErrors.text(noSocket.getCause() == null ? noSocket : noSocket.getCause()));
        return;
      }
      var limit = from.timeout().compareTo(left) < 0 ? from.timeout() : left;
      timer =
          loop.schedule(
              () -> next("no answer from " + server.getAddress().getHostAddress()),
              limit.toMillis(),
              TimeUnit.MILLISECONDS);
    }

    private void connect(InetSocketAddress server) {
      var socket = tcp ? sockets.newChannel() : sockets.newDatagramChannel();
      channel = socket;
      var bootstrap = new Bootstrap().group(loop).channelFactory(() -> socket);
      if (!tcp) {
        bootstrap.option(
            ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(query.udpLimit()));
      }
      bootstrap
          .handler(new Pipeline())
          .connect(server)
          .addListener(
              (ChannelFuture connected) -> {
                if (!connected.channel().equals(channel)) {
                  return; // given up meanwhile
                }
                if (connected.isSuccess()) {
                  send(socket);
                } else {
                  next(OsErrors.text(connected.cause()));
                }
              });
    }

    private void send(Channel socket) {
      var question = message.retainedDuplicate();
      if (tcp) {
        socket.write(socket.alloc().buffer(2).writeShort(question.readableBytes()));
      }
      socket
          .writeAndFlush(question)
          .addListener(
              (ChannelFutureListener)
                  sent -> {
                    if (!sent.isSuccess() && sent.channel().equals(channel)) {
                      next(OsErrors.text(sent.cause()));
                    }
                  });
    }

    private void heard(ByteBuf answer) {
      var reply = UpstreamReply.of(answer, id, query);
      if (reply == null) {
        if (++strays > MAX_STRAYS) {
          next("answers to other questions");
        }
        return;
      }
      int servers = from.servers().size();
      int asked = (first + tries - 1) % servers;
      if (lame(reply.code()) && tries < servers) {
        keep(reply, answer);
        next("response code " + DnsCode.name(reply.code()));
      } else {
        preferred = asked;
        keep(reply, answer);
        deliver();
      }
    }

    /// Another server may do better.
    private static boolean lame(int code) {
      return code == DnsCode.SERVER_FAILURE
          || code == DnsCode.NOT_IMPLEMENTED
          || code == DnsCode.REFUSED;
    }

    private void keep(UpstreamReply reply, ByteBuf answer) {
      if (lastMessage != null) {
        lastMessage.release();
      }
      last = reply;
      lastMessage = answer.copy();
      int at = lastMessage.readerIndex();
      lastMessage.setShort(at, query.id());
      // not the proxy's own to say, but it does ask others
      lastMessage.setShort(at + 2, lastMessage.getUnsignedShort(at + 2) & ~0x0400 | 0x0080);
    }

    private void deliver() {
      quiet();
      if (open.remove(this) && last != null && lastMessage != null) {
        message.release();
        done.answered(last, lastMessage);
      }
    }

    /// What a server that could not help had said is still better than nothing.
    void fail(String why) {
      quiet();
      if (lastMessage != null) {
        deliver();
      } else if (open.remove(this)) {
        message.release();
        done.failed(why);
      }
    }

    private void quiet() {
      if (timer != null) {
        timer.cancel(false);
        timer = null;
      }
      var closing = channel;
      channel = null;
      if (closing != null) {
        closing.close();
      }
    }

    /// Takes messages out of packets, or out of a stream.
    private final class Pipeline extends ChannelInitializer<Channel> {
      @Override
      protected void initChannel(Channel socket) {
        if (tcp) {
          socket
              .pipeline()
              .addLast(new LengthFieldBasedFrameDecoder(2 + DnsQuery.MAX_MESSAGE, 0, 2, 0, 2));
        }
        socket.pipeline().addLast(new Replies());
      }
    }

    private final class Replies extends ChannelInboundHandlerAdapter {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object received) {
        var answer =
            received instanceof DatagramPacket packet ? packet.content() : (ByteBuf) received;
        try {
          if (ctx.channel().equals(channel)) {
            heard(answer);
          }
        } finally {
          answer.release();
        }
      }

      @Override
      public void channelInactive(ChannelHandlerContext ctx) {
        if (ctx.channel().equals(channel)) {
          next("closed without an answer");
        }
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (ctx.channel().equals(channel)) {
          next(OsErrors.text(cause));
        }
      }
    }
  }
}
