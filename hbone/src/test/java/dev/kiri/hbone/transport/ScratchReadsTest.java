package dev.kiri.hbone.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScratchReadsTest {
  private static final int SCRATCH = 1 << 20;

  /// Netty asks a channel's allocator for a handle once: a source that comes later must reach it.
  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "NIO"})
  void reads_land_in_the_scratch_from_when_it_is_named_though_others_came_before(
      NettyTransport.Kind kind) throws Exception {
    var transport = NettyTransport.choose(kind);
    var loops = transport.newLoops(1, "reads");
    var sizes = new LinkedBlockingQueue<Integer>();
    try {
      var listener =
          new ServerBootstrap()
              .group(loops)
              .channelFactory(transport.newServerSocket()::get)
              .childHandler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      var reads = ScratchReads.prepare(channel);
                      channel.pipeline().addLast(new Sizes(reads, sizes));
                    }
                  })
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();

      try (var client = connected((InetSocketAddress) listener.localAddress())) {
        assertThat(sent(client, sizes)).isLessThan(SCRATCH);
        assertThat(sent(client, sizes)).isEqualTo(SCRATCH);
      }
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static Socket connected(InetSocketAddress to) throws IOException {
    return new Socket(to.getAddress(), to.getPort());
  }

  private static Integer sent(Socket client, LinkedBlockingQueue<Integer> sizes) throws Exception {
    client.getOutputStream().write(1);
    return sizes.poll(5, TimeUnit.SECONDS);
  }

  private static final class Sizes extends ChannelInboundHandlerAdapter {
    private final ScratchReads reads;
    private final LinkedBlockingQueue<Integer> sizes;

    Sizes(ScratchReads reads, LinkedBlockingQueue<Integer> sizes) {
      this.reads = reads;
      this.sizes = sizes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      var bytes = (ByteBuf) message;
      sizes.add(bytes.capacity());
      bytes.release();
      reads.into(_ -> Unpooled.directBuffer(SCRATCH, SCRATCH));
    }
  }
}
