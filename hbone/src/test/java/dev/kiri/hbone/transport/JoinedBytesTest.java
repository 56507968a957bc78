package dev.kiri.hbone.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class JoinedBytesTest {
  private final JoinedBytes joined = new JoinedBytes(UnpooledByteBufAllocator.DEFAULT);

  @Test
  void a_hundred_thousand_single_bytes_are_a_few_buffers() {
    var one = Unpooled.wrappedBuffer(new byte[] {7});
    for (int i = 0; i < 100_000; i++) {
      joined.add(one, 0, 1);
    }

    assertThat(joined.bytes()).isEqualTo(100_000);
    assertThat(joined.buffers()).isLessThanOrEqualTo(1 + 100_000 / 4_096 + 1);
    joined.release();
    assertThat(joined.isEmpty()).isTrue();
  }

  @Test
  void a_single_piece_takes_its_own_size() {
    joined.add(Unpooled.wrappedBuffer(new byte[100]), 10, 50);

    var only = joined.poll();

    assertThat(only).isNotNull().extracting(ByteBuf::capacity).isEqualTo(50);
    only.release();
  }

  @Test
  void pieces_of_any_size_come_out_in_order() {
    var random = new Random(5);
    var in = Unpooled.buffer();
    for (int i = 0; i < 2_000; i++) {
      var piece = new byte[random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(30)];
      random.nextBytes(piece);
      in.writeBytes(piece);
      joined.add(Unpooled.wrappedBuffer(piece), 0, piece.length);
    }

    var out = Unpooled.buffer();
    for (var next = joined.poll(); next != null; next = joined.poll()) {
      out.writeBytes(next);
      next.release();
    }

    assertThat(out).isEqualTo(in);
    assertThat(joined.bytes()).isZero();
  }
}
