package dev.kiri.ops.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RestTest {
  private static final long LOOK = 2000;

  private final Rest rest = new Rest();

  @Test
  void it_begins_when_the_start_is_over() {
    assertThat(rest.begins(900, LOOK)).isFalse();
    assertThat(rest.begins(1100, LOOK)).isFalse();
    assertThat(rest.begins(1110, LOOK)).isTrue();
  }

  @Test
  void it_begins_once_after_one_piece_of_work() {
    rest.begins(1000, LOOK);
    assertThat(rest.begins(1000, LOOK)).isTrue();
    // what giving back costs itself is no work
    assertThat(rest.begins(1080, LOOK)).isFalse();
    assertThat(rest.begins(1080, LOOK)).isFalse();
  }

  @Test
  void it_begins_again_after_more_work() {
    rest.begins(1000, LOOK);
    rest.begins(1000, LOOK);
    assertThat(rest.begins(3000, LOOK)).isFalse();
    assertThat(rest.begins(3000, LOOK)).isTrue();
  }

  @Test
  void it_does_not_begin_while_a_hundredth_of_the_time_is_worked() {
    long cpu = 1000;
    for (int look = 0; look < 100; look++) {
      cpu += LOOK / 100;
      assertThat(rest.begins(cpu, LOOK)).isFalse();
    }
  }

  @Test
  void little_work_adds_up_until_it_is_worth_a_collection() {
    rest.begins(1000, LOOK);
    rest.begins(1000, LOOK);
    long cpu = 1000;
    int looks = 0;
    do {
      cpu += 10;
      looks++;
    } while (!rest.begins(cpu, LOOK));
    assertThat(looks).isEqualTo(Rest.WORK_MILLIS / 10);
  }
}
