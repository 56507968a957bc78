package dev.kiri.hbone.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ArrivalsTest {
  private final Arrivals arrivals = new Arrivals();

  @Test
  void single_bytes_that_nobody_reads_are_joined() {
    var one = new byte[1];
    for (int i = 0; i < 100_000; i++) {
      arrivals.add(Unpooled.wrappedBuffer(one));
    }

    int polls = 0;
    int bytes = 0;
    for (var next = arrivals.poll(); next != null; next = arrivals.poll()) {
      polls++;
      bytes += next.length;
    }
    assertThat(bytes).isEqualTo(100_000);
    assertThat(polls).isLessThanOrEqualTo(100_000 / 4_096 + 2);
  }

  @Test
  void a_large_piece_is_handed_over_as_it_is() {
    arrivals.add(Unpooled.wrappedBuffer(new byte[100_000]));

    assertThat(arrivals.poll()).hasSize(100_000);
    assertThat(arrivals.poll()).isNull();
  }

  @Test
  void a_thread_that_reads_while_another_writes_gets_every_byte_in_order() throws Exception {
    var sent = new byte[3_000_000];
    new Random(9).nextBytes(sent);
    var sizes = new Random(4);
    var writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int at = 0; at < sent.length; ) {
                    int size = Math.min(sent.length - at, 1 + sizes.nextInt(300));
                    arrivals.add(Unpooled.wrappedBuffer(sent, at, size));
                    at += size;
                  }
                });

    var got = new ByteArrayOutputStream();
    while (got.size() < sent.length) {
      var next = arrivals.poll();
      if (next == null) {
        Thread.onSpinWait();
      } else {
        got.writeBytes(next);
      }
    }
    writer.join();

    assertThat(got.toByteArray()).isEqualTo(sent);
  }
}
