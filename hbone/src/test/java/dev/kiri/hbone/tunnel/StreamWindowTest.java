package dev.kiri.hbone.tunnel;

import static dev.kiri.hbone.transport.DirectMemory.Level.AMPLE;
import static dev.kiri.hbone.transport.DirectMemory.Level.CRITICAL;
import static dev.kiri.hbone.transport.DirectMemory.Level.SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.transport.DirectMemory.Level;
import org.junit.jupiter.api.Test;

/// How large the windows of a tunnel's streams are, row by row. Of 40 MiB that may wait for
/// readers, with 4 MiB a stream by its settings.
final class StreamWindowTest {
  private static final int MIB = 1 << 20;
  private static final int LARGE = 4 * MIB;
  private static final int SHARED = StreamWindow.shared(500);
  private static final int SMALL = StreamWindow.SMALL;

  private static void row(
      int wanted, int present, int waiting, Level memory, boolean bulk, boolean mayGrow) {
    int most = bulk ? SHARED : Integer.MAX_VALUE;
    assertThat(StreamWindow.wanted(waiting, 40 * MIB, present, LARGE, memory, most, mayGrow))
        .isEqualTo(wanted);
  }

  @Test
  void streams_have_their_whole_window_while_readers_take_what_comes() {
    row(LARGE, LARGE, 0, AMPLE, false, true);
    row(LARGE, LARGE, 8 * MIB, AMPLE, false, true);
  }

  @Test
  void windows_are_small_once_a_fifth_of_the_bound_waits_until_a_twentieth_does() {
    row(SMALL, LARGE, 8 * MIB + 1, AMPLE, false, true);
    row(SMALL, SHARED, 8 * MIB + 1, AMPLE, true, true);
    row(SMALL, SMALL, 2 * MIB + 1, AMPLE, false, true);
    row(LARGE, SMALL, 2 * MIB, AMPLE, false, true);
  }

  @Test
  void windows_are_small_while_direct_memory_is_short() {
    row(SMALL, LARGE, 0, SHORT, false, true);
    row(SMALL, SHARED, 0, CRITICAL, true, true);
  }

  @Test
  void bulk_beside_messages_has_what_is_on_its_way_at_ten_gigabits_a_second() {
    assertThat(StreamWindow.shared(20)).isEqualTo(SMALL);
    assertThat(StreamWindow.shared(500)).isEqualTo(625_000);
    assertThat(StreamWindow.shared(10_000)).isGreaterThan(LARGE);
    assertThat(StreamWindow.shared(Long.MAX_VALUE)).isGreaterThan(LARGE);
    row(SHARED, LARGE, 0, AMPLE, true, true);
    row(SHARED, SHARED, 2 * MIB + 1, AMPLE, true, false);
    row(SHARED, SMALL, 0, AMPLE, true, true);
  }

  @Test
  void what_shrank_grows_only_after_a_while() {
    row(SMALL, SMALL, 0, AMPLE, false, false);
    row(SMALL, SMALL, 0, AMPLE, true, false);
    row(SHARED, SHARED, 0, AMPLE, false, false);
    row(LARGE, SHARED, 0, AMPLE, false, true);
  }

  @Test
  void no_window_is_larger_than_that_of_the_settings() {
    assertThat(StreamWindow.wanted(0, MIB, 10_000, 10_000, SHORT, SHARED, true)).isEqualTo(10_000);
    assertThat(StreamWindow.wanted(0, MIB, 10_000, 10_000, AMPLE, SHARED, true)).isEqualTo(10_000);
  }
}
