package dev.kiri.hbone.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// When a read is kept short for the sake of others.
final class ReadPaceTest {
  private final ReadPace pace = new ReadPace();
  private final int bulk = pace.newChannel();
  private final int small = pace.newChannel();

  private void read(int times) {
    for (int i = 0; i < times; i++) {
      pace.reading();
    }
  }

  @Test
  void a_channel_that_is_alone_is_not_kept_short() {
    read(10_000);

    assertThat(pace.isShared(bulk)).isFalse();
  }

  @Test
  void a_message_of_another_channel_keeps_reads_short_for_a_while() {
    pace.message(small);

    read(ReadPace.REMEMBERED_READS);
    assertThat(pace.isShared(bulk)).isTrue();
    read(1);
    assertThat(pace.isShared(bulk)).isFalse();
  }

  @Test
  void its_own_messages_do_not_keep_a_channel_short() {
    pace.message(bulk);
    pace.message(bulk);

    assertThat(pace.isShared(bulk)).isFalse();
    assertThat(pace.isShared(small)).isTrue();
  }

  @Test
  void messages_of_others_count_behind_its_own() {
    pace.message(small);
    read(10);
    pace.message(bulk);
    read(ReadPace.REMEMBERED_READS - 10);

    assertThat(pace.isShared(bulk)).isTrue();
    read(1);
    assertThat(pace.isShared(bulk)).isFalse();
  }
}
