package dev.kiri.hbone.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.testing.Transports;
import dev.kiri.hbone.transport.NettyTransport.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a reader that stalls costs, on real sockets.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class TcpOutputTest {
  private static final int TINY = 100_000;
  private static final int BLOCK = 16 << 20;

  @ParameterizedTest
  @EnumSource(Kind.class)
  void tiny_pieces_for_a_reader_that_stalls_are_joined_and_all_of_them_arrive(Kind kind)
      throws Exception {
    var transport = Transports.require(kind);
    var loops = transport.newLoops(1, "output");
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var channel =
          new Bootstrap()
              .group(loops)
              .channelFactory(() -> transport.newSocket().get())
              .handler(new ChannelInboundHandlerAdapter())
              .connect(listener.getLocalSocketAddress())
              .sync()
              .channel();
      try (var reader = listener.accept()) {
        var queued = CompletableFuture.supplyAsync(() -> stalled(channel), loops.next());

        assertThat(queued.get()).isLessThan(64);

        assertThat(reader.getInputStream().readAllBytes()).hasSize(BLOCK + TINY);
      }
    } finally {
      transport.shutDown(loops, Duration.ofSeconds(1));
    }
  }

  /// Writes more than the sockets hold, then bytes one by one; answers how many buffers wait.
  private static int stalled(Channel channel) {
    var output = new TcpOutput(channel, () -> {}, () -> {});
    var block = Unpooled.directBuffer(BLOCK).writeZero(BLOCK);
    output.write(block, 0, BLOCK);
    for (int i = 0; i < TINY; i++) {
      output.writeLater(block, 0, 1);
      output.flush();
    }
    block.release();
    var netty = channel.unsafe().outboundBuffer();
    int queued = output.buffers() + (netty == null ? 0 : netty.size());
    output.closeWhenDrained();
    return queued;
  }
}
