package dev.kiri.hbone.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.transport.LoopMemory;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// In which order frames leave a tunnel whose socket takes nothing for a while, and how much is
/// sealed ahead of what comes next.
final class OutputTest {
  private final NettyTransport transport = NettyTransport.choose(NettyTransport.Kind.NIO);
  private final EventLoopGroup loops = transport.newLoops(1, "output");
  private final Sealing sealing = new Sealing();

  @AfterEach
  void end() {
    transport.shutDown(loops, Duration.ofSeconds(1));
  }

  private interface Sending {
    void on(Output output) throws TunnelError;
  }

  /// Frames sent while nothing may be sealed, and flushed when it may.
  private List<String> order(Sending sending) throws Exception {
    return loops
        .submit(
            () -> {
              var output = new Output(sealing, new HeaderBlocks(65_536));
              sealing.room = 0;
              sending.on(output);
              output.flush();
              sealing.room = 1 << 20;
              output.flush();
              output.release();
              return sealing.frames();
            })
        .get();
  }

  private static void data(Output output, int stream) {
    output.data(stream, Unpooled.wrappedBuffer(new byte[100]), 100, false);
  }

  @Test
  void answers_and_credit_go_before_bytes_that_wait() throws Exception {
    assertThat(
            order(
                output -> {
                  data(output, 1);
                  output.pingAck(7);
                  data(output, 3);
                  output.windowUpdate(1, 1_000);
                  output.ping(8);
                }))
        .containsExactly("PING 0", "WINDOW_UPDATE 1", "PING 0", "DATA 1", "DATA 3");
  }

  @Test
  void nothing_goes_into_the_middle_of_a_frame() throws Exception {
    assertThat(
            order(
                output -> {
                  output.pingAck(7);
                  output.data(1, Unpooled.wrappedBuffer(new byte[40_000]), 40_000, false);
                  output.pingAck(8);
                  data(output, 3);
                }))
        .containsExactly("DATA 1", "DATA 1", "DATA 1", "DATA 3", "PING 0", "PING 0");
  }

  /// The windows before it are those that the bytes before it were sent by.
  @Test
  void an_answer_to_SETTINGS_stays_behind_the_bytes_before_it() throws Exception {
    assertThat(
            order(
                output -> {
                  data(output, 1);
                  output.settingsAck();
                  data(output, 3);
                }))
        .containsExactly("DATA 1", "SETTINGS 0", "DATA 3");
  }

  @Test
  void ends_of_streams_stay_behind_their_bytes_and_a_drain_s_PING_behind_its_GOAWAY()
      throws Exception {
    assertThat(
            order(
                output -> {
                  data(output, 1);
                  output.endStream(1);
                  data(output, 3);
                  output.reset(3, H2Error.CANCEL);
                  output.goAway(3, H2Error.NO_ERROR, "");
                  output.pingBehind(9);
                }))
        .containsExactly("DATA 1", "DATA 1", "DATA 3", "RST_STREAM 3", "GOAWAY 0", "PING 0");
  }

  @Test
  void a_socket_that_is_slow_has_little_sealed_ahead_until_it_is_quick_again() {
    var ahead = new SealedAhead();
    assertThat(ahead.bytes()).isEqualTo(LoopMemory.READ);

    ahead.took(SealedAhead.SLOW_NANOS + 1);
    assertThat(ahead.bytes()).isEqualTo(SealedAhead.SLOW);

    ahead.took(SealedAhead.SLOW_NANOS);
    assertThat(ahead.bytes()).isEqualTo(LoopMemory.READ);
  }

  /// Reads the frames of what it is given to seal.
  private static final class Sealing implements RecordLayer {
    private static final String[] TYPES = {
      "DATA",
      "HEADERS",
      "PRIORITY",
      "RST_STREAM",
      "SETTINGS",
      "PUSH_PROMISE",
      "PING",
      "GOAWAY",
      "WINDOW_UPDATE"
    };

    private final ByteBuf all = Unpooled.buffer();
    private int room;

    @Override
    public int room() {
      return room;
    }

    @Override
    public void seal(ByteBuf plaintext) {
      all.writeBytes(plaintext);
    }

    List<String> frames() {
      var frames = new ArrayList<String>();
      while (all.isReadable()) {
        int length = all.readMedium();
        int type = all.readUnsignedShort() >> 8;
        frames.add(TYPES[type] + " " + all.readInt());
        all.skipBytes(length);
      }
      return frames;
    }

    @Override
    public void flush() {}

    @Override
    public void received(ByteBuf sealed) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture end() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void release() {}
  }
}
