package dev.kiri.waypoint.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.waypoint.upstream.HostNames.Lookup;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Names, their times to live, and what holds when nobody answers. Time is the test's.
class HostNamesTest {
  private static final InetAddress ONE = address("192.0.2.1");
  private static final InetAddress TWO = address("192.0.2.2");

  private long now = -5; // clocks may begin anywhere
  private final List<CompletableFuture<HostNames.Resolved>> asked = new ArrayList<>();
  private final HostNames names =
      new HostNames(
          _ -> {
            CompletableFuture<HostNames.Resolved> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
          },
          () -> now);

  private static InetAddress address(String text) {
    return NetUtil.createInetAddressFromIpAddressString(text);
  }

  private void answer(int seconds, InetAddress... addresses) {
    asked
        .getLast()
        .complete(new HostNames.Resolved(List.of(addresses), Duration.ofSeconds(seconds)));
  }

  private void fail() {
    asked.getLast().completeExceptionally(new UnknownHostException("no such name"));
  }

  private void pass(int seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void a_name_is_asked_for_once_while_nobody_has_answered_and_who_waits_is_told() {
    List<String> told = new ArrayList<>();

    assertThat(names.lookup("a")).isEqualTo(new Lookup.Pending());
    assertThat(names.lookup("a")).isEqualTo(new Lookup.Pending());
    names.whenSettled("a", Runnable::run, () -> told.add("a"));
    assertThat(asked).hasSize(1);
    assertThat(told).isEmpty();

    answer(60, ONE, TWO);
    assertThat(told).containsExactly("a");
    assertThat(names.lookup("a")).isEqualTo(new Lookup.Known(List.of(ONE, TWO)));
    names.whenSettled("a", Runnable::run, () -> told.add("at once"));
    assertThat(told).containsExactly("a", "at once");
  }

  @ParameterizedTest
  @CsvSource({"60, 59, 60", "1, 0, 1", "0, 0, 1", "86400, 3599, 3600"})
  void an_answer_holds_for_its_time_to_live_between_a_second_and_an_hour(
      int ttl, int fresh, int stale) {
    names.lookup("a");
    answer(ttl, ONE);

    pass(fresh);
    names.lookup("a");
    assertThat(asked).hasSize(1);
    pass(stale - fresh);
    assertThat(names.lookup("a")).as("meanwhile").isEqualTo(new Lookup.Known(List.of(ONE)));
    assertThat(asked).hasSize(2);
    answer(60, TWO);
    assertThat(names.lookup("a")).isEqualTo(new Lookup.Known(List.of(TWO)));
  }

  @Test
  void the_last_good_answer_outlives_failures() {
    names.lookup("a");
    answer(60, ONE);
    for (int i = 0; i < 10; i++) {
      pass(60);
      assertThat(names.lookup("a")).isEqualTo(new Lookup.Known(List.of(ONE)));
      fail();
    }
    assertThat(asked).hasSize(11);
    assertThat(names.lookup("a")).isEqualTo(new Lookup.Known(List.of(ONE)));
  }

  @Test
  void a_failure_holds_for_a_second_at_first_and_a_minute_at_last() {
    names.lookup("a");
    List<Integer> pauses = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      fail();
      int waited = 0;
      while (names.lookup("a") instanceof Lookup.Failed(String why)) {
        assertThat(why).isEqualTo("no such name");
        pass(1);
        waited++;
      }
      pauses.add(waited);
    }
    assertThat(pauses).containsExactly(1, 2, 4, 8, 16, 32, 60, 60, 60);
  }

  @Test
  void no_more_names_are_asked_for_at_a_time_than_the_bound() {
    for (int i = 0; i < HostNames.MAX_ASKED; i++) {
      names.lookup("n" + i);
    }
    assertThat(names.lookup("one.more"))
        .isEqualTo(new Lookup.Failed("too many names are being asked for"));
    assertThat(asked).hasSize(HostNames.MAX_ASKED);
    answer(60, ONE);
    assertThat(names.lookup("one.more")).isEqualTo(new Lookup.Pending());
  }

  @Test
  void the_name_used_last_longest_ago_makes_room() {
    for (int i = 0; i < HostNames.MAX_NAMES; i++) {
      now++;
      names.lookup("n" + i);
      answer(3600, ONE);
    }
    now++;
    names.lookup("n0");
    names.lookup("new");
    answer(3600, ONE);
    int before = asked.size();

    names.lookup("n0");
    names.lookup("n2");
    assertThat(asked).hasSize(before);
    names.lookup("n1");
    assertThat(asked).as("was forgotten").hasSize(before + 1);
  }
}
