package dev.kiri.hbone.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.H2Error;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Frames in any cut, good ones and bad ones.
final class FrameReaderTest {

  private static ByteBuf frame(ByteBuf out, int type, int flags, int stream, byte... payload) {
    return out.writeMedium(payload.length)
        .writeByte(type)
        .writeByte(flags)
        .writeInt(stream)
        .writeBytes(payload);
  }

  private static ByteBuf settings() {
    return frame(Unpooled.buffer(), FrameType.SETTINGS, 0, 0);
  }

  private static List<String> read(ByteBuf bytes, Random cuts) throws TunnelError {
    var heard = new Heard();
    var reader = new FrameReader(heard, TunnelSettings.DEFAULT);
    while (bytes.isReadable()) {
      int length = Math.min(bytes.readableBytes(), 1 + cuts.nextInt(20));
      reader.read(Unpooled.copiedBuffer(bytes.readSlice(length)));
    }
    return heard.events();
  }

  @Test
  void frames_mean_the_same_however_they_are_cut() throws Exception {
    for (int seed = 0; seed < 500; seed++) {
      var bytes = settings();
      frame(bytes, FrameType.HEADERS, FrameType.END_HEADERS, 1, (byte) 0x88);
      frame(bytes, FrameType.DATA, 0, 1, new byte[100]);
      frame(bytes, FrameType.DATA, FrameType.PADDED, 1, new byte[] {3, 7, 7, 0, 0, 0});
      frame(bytes, FrameType.PRIORITY, 0, 1, new byte[5]);
      frame(bytes, 0x42, 0, 1, new byte[33]);
      frame(bytes, FrameType.WINDOW_UPDATE, 0, 0, new byte[] {0, 0, 1, 0});
      frame(bytes, FrameType.HEADERS, FrameType.END_STREAM, 3, new byte[2]);
      frame(bytes, FrameType.CONTINUATION, FrameType.END_HEADERS, 3, new byte[3]);
      frame(bytes, FrameType.DATA, FrameType.END_STREAM, 1);

      assertThat(read(bytes, new Random(seed)))
          .containsExactly(
              "settings",
              "headers 1 1",
              "data 1 100",
              "data 1 2",
              "ignored",
              "ignored",
              "window 0 256",
              "headers 3 5 end",
              "data 1 0 end");
    }
  }

  @Test
  void the_first_frame_must_be_settings() {
    refuses(frame(Unpooled.buffer(), FrameType.PING, 0, 0, new byte[8]), H2Error.PROTOCOL_ERROR);
  }

  @Test
  void frames_of_wrong_size_place_or_order_are_refused() {
    refuses(frame(settings(), FrameType.PING, 0, 0, new byte[7]), H2Error.FRAME_SIZE_ERROR);
    refuses(frame(settings(), FrameType.PING, 0, 1, new byte[8]), H2Error.PROTOCOL_ERROR);
    refuses(frame(settings(), FrameType.RST_STREAM, 0, 0, new byte[4]), H2Error.PROTOCOL_ERROR);
    refuses(frame(settings(), FrameType.RST_STREAM, 0, 1, new byte[3]), H2Error.FRAME_SIZE_ERROR);
    refuses(frame(settings(), FrameType.SETTINGS, 0, 0, new byte[5]), H2Error.FRAME_SIZE_ERROR);
    refuses(frame(settings(), FrameType.SETTINGS, 1, 0, new byte[6]), H2Error.FRAME_SIZE_ERROR);
    refuses(frame(settings(), FrameType.DATA, 0, 0, new byte[1]), H2Error.PROTOCOL_ERROR);
    refuses(frame(settings(), FrameType.CONTINUATION, 4, 1), H2Error.PROTOCOL_ERROR);
    refuses(frame(settings(), FrameType.PUSH_PROMISE, 4, 1, new byte[5]), H2Error.PROTOCOL_ERROR);
    refuses(frame(settings(), FrameType.GOAWAY, 0, 0, new byte[7]), H2Error.FRAME_SIZE_ERROR);
  }

  @Test
  void padding_longer_than_its_frame_is_refused() {
    refuses(
        frame(settings(), FrameType.DATA, FrameType.PADDED, 1, (byte) 9), H2Error.PROTOCOL_ERROR);
    refuses(
        frame(settings(), FrameType.HEADERS, FrameType.PADDED, 1, (byte) 9),
        H2Error.PROTOCOL_ERROR);
  }

  @Test
  void a_frame_over_the_advertised_size_is_refused_by_its_header() {
    var bytes = settings().writeMedium((1 << 20) + 1).writeByte(0).writeByte(0).writeInt(1);

    refuses(bytes, H2Error.FRAME_SIZE_ERROR);
  }

  @Test
  void a_header_block_in_many_small_frames_is_a_flood() {
    var bytes = frame(settings(), FrameType.HEADERS, 0, 1, (byte) 0);
    for (int i = 0; i < 20; i++) {
      frame(bytes, FrameType.CONTINUATION, 0, 1);
    }

    refuses(bytes, H2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void a_header_bomb_is_refused_before_it_is_stored() {
    var bytes =
        settings().writeMedium(500_000).writeByte(FrameType.HEADERS).writeByte(4).writeInt(1);

    refuses(bytes.writeZero(100), H2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void random_bytes_are_understood_or_refused_and_nothing_else() {
    for (int seed = 0; seed < 20_000; seed++) {
      var random = new Random(seed);
      var bytes = settings();
      for (int n = random.nextInt(6); n > 0; n--) {
        var payload = new byte[random.nextInt(40)];
        random.nextBytes(payload);
        frame(bytes, random.nextInt(12), random.nextInt(64), random.nextInt(4), payload);
      }
      try {
        read(bytes, random);
      } catch (TunnelError e) {
        assertThat(e.code()).isBetween(H2Error.PROTOCOL_ERROR, H2Error.ENHANCE_YOUR_CALM);
      }
    }
  }

  private static void refuses(ByteBuf bytes, int code) {
    assertThatThrownBy(() -> read(bytes, new Random(1)))
        .isInstanceOfSatisfying(TunnelError.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /// Writes down what it hears.
  private static final class Heard implements FrameSink {
    private final List<String> events = new ArrayList<>();
    private int bytes;

    List<String> events() {
      return events;
    }

    @Override
    public void dataBegins(int stream, int flowControlled) {
      bytes = 0;
    }

    @Override
    public void data(int stream, ByteBuf data) {
      bytes += data.readableBytes();
    }

    @Override
    public void dataEnds(int stream, boolean end) {
      events.add("data " + stream + " " + bytes + (end ? " end" : ""));
    }

    @Override
    public void headers(int stream, ByteBuf block, boolean end) {
      events.add("headers " + stream + " " + block.readableBytes() + (end ? " end" : ""));
    }

    @Override
    public void reset(int stream, int code) {
      events.add("reset " + stream);
    }

    @Override
    public void setting(int id, long value) {}

    @Override
    public void settingsEnd() {
      events.add("settings");
    }

    @Override
    public void settingsAck() {}

    @Override
    public void ping(boolean ack, long payload) {
      events.add("ping");
    }

    @Override
    public void goAway(int last, int code, String debug) {
      events.add("goaway");
    }

    @Override
    public void windowUpdate(int stream, int increment) {
      events.add("window " + stream + " " + increment);
    }

    @Override
    public void ignored(int type) {
      events.add("ignored");
    }
  }
}
