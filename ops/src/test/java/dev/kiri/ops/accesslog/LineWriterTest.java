package dev.kiri.ops.accesslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineWriterTest {
  @Test
  void lines_keep_their_order() {
    var out = new ByteArrayOutputStream();
    try (var writer = new LineWriter(out, 20_000)) {
      IntStream.range(0, 10_000).forEach(i -> writer.write("line " + i));
    }

    assertThat(out.toString(UTF_8).lines())
        .containsExactlyElementsOf(IntStream.range(0, 10_000).mapToObj(i -> "line " + i).toList());
  }

  @Test
  void a_line_that_finds_the_queue_full_is_dropped_and_counted() throws Exception {
    var stalled = new StalledOutput();
    try (var writer = new LineWriter(stalled, 2)) {
      writer.write("in the stalled write");
      stalled.entered.await();

      assertThat(writer.write("a")).isTrue();
      assertThat(writer.write("b")).isTrue();
      assertThat(writer.write("c")).isFalse();
      assertThat(writer.dropped()).isEqualTo(1);
      stalled.release.countDown();
    }

    assertThat(stalled.toString(UTF_8)).isEqualTo("in the stalled write\na\nb\n");
  }

  @Test
  void an_output_that_fails_costs_lines_and_nothing_else() {
    var full =
        new OutputStream() {
          @Override
          public void write(int single) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    LineWriter writer = new LineWriter(full, 10);
    writer.write("lost");
    writer.close();

    assertThat(writer.dropped()).isEqualTo(1);
    assertThat(writer.write("after close")).isFalse();
  }

  @Test
  void lines_that_follow_one_another_are_written_together() throws Exception {
    var out = new CountingOutput();
    try (var writer = new LineWriter(out, 20_000)) {
      writer.write("the first leaves at once");
      out.entered.await();
      IntStream.range(0, 1_000).forEach(i -> writer.write("line " + i));
    }

    assertThat(out.toString(UTF_8).lines()).hasSize(1_001);
    assertThat(out.writes.get()).isLessThan(100);
  }

  private static final class CountingOutput extends ByteArrayOutputStream {
    final CountDownLatch entered = new CountDownLatch(1);
    final AtomicInteger writes = new AtomicInteger();

    @Override
    public void write(byte[] bytes) throws IOException {
      super.write(bytes);
      writes.incrementAndGet();
      entered.countDown();
    }
  }

  private static final class StalledOutput extends ByteArrayOutputStream {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public void write(byte[] bytes) throws IOException {
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException interrupted) {
        throw new IOException(interrupted);
      }
      super.write(bytes);
    }
  }
}
