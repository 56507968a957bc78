package dev.kiri.hbone.transport;

import static dev.kiri.hbone.transport.DirectMemory.Level.AMPLE;
import static dev.kiri.hbone.transport.DirectMemory.Level.CRITICAL;
import static dev.kiri.hbone.transport.DirectMemory.Level.SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How much is left, and who gives something up when it is little.
final class DirectMemoryTest {
  @Test
  void memory_is_short_above_five_eighths_and_critical_above_three_quarters() {
    assertThat(DirectMemory.level(0, 64)).isEqualTo(AMPLE);
    assertThat(DirectMemory.level(40, 64)).isEqualTo(AMPLE);
    assertThat(DirectMemory.level(41, 64)).isEqualTo(SHORT);
    assertThat(DirectMemory.level(48, 64)).isEqualTo(SHORT);
    assertThat(DirectMemory.level(49, 64)).isEqualTo(CRITICAL);
  }

  @Test
  void memory_that_nobody_counts_is_ample() {
    assertThat(DirectMemory.level(-1, 64)).isEqualTo(AMPLE);
  }

  private record Held(String name, long held, boolean gives, List<String> given)
      implements Holders.Holder {
    @Override
    public boolean giveUp() {
      given.add(name);
      return gives;
    }
  }

  @Test
  void who_holds_most_gives_up_and_nobody_else() {
    var given = new ArrayList<String>();
    var holders = new Holders();
    var largest = new Held("largest", 3, true, given);
    holders.add(new Held("little", 1, true, given));
    holders.add(largest);
    holders.add(new Held("more", 2, true, given));
    long before = Holders.givenUp();

    holders.largestGivesUp();
    holders.remove(largest);
    holders.largestGivesUp();

    assertThat(given).containsExactly("largest", "more");
    assertThat(Holders.givenUp() - before).isEqualTo(2);
  }

  @Test
  void who_has_nothing_to_give_is_not_counted() {
    var holders = new Holders();
    holders.add(new Held("a", 0, false, new ArrayList<>()));
    long before = Holders.givenUp();

    holders.largestGivesUp();
    new Holders().largestGivesUp();

    assertThat(Holders.givenUp()).isEqualTo(before);
  }
}
