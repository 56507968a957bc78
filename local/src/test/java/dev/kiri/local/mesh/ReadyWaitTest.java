package dev.kiri.local.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.local.api.MeshException;
import dev.kiri.local.store.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadyWaitTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final long SECOND = 1_000_000_000;

  private @TempDir Path folder;
  private ObjectStore store;

  @BeforeEach
  void a_store() throws Exception {
    store =
        new ObjectStore(
            java.nio.file.Files.createDirectory(folder.resolve("objects")),
            java.nio.file.Files.createDirectory(folder.resolve("overlay")),
            Clock.systemUTC(),
            _ -> false);
  }

  @AfterEach
  void closes_it() {
    store.close();
  }

  @Test
  void says_each_state_once_and_ends_with_the_last() {
    var states =
        new ArrayList<>(
            List.of(
                List.of("a", "b", "c"), List.of("a", "b", "c"), List.of("c"), List.<String>of()));
    var said = new ArrayList<String>();
    var now = new AtomicLong();

    new ReadyWait(store, states::removeFirst, () -> now.addAndGet(SECOND))
        .await(LONG, Duration.ZERO, said::add);

    assertThat(said).containsExactly("waiting for a, b and 1 more", "waiting for c");
  }

  @Test
  void says_no_more_than_one_line_a_second() {
    var states = new ArrayList<>(List.of(List.of("a"), List.of("b"), List.<String>of()));
    var said = new ArrayList<String>();

    new ReadyWait(store, states::removeFirst, () -> SECOND).await(LONG, Duration.ZERO, said::add);

    assertThat(said).containsExactly("waiting for a");
  }

  @Test
  void a_changed_object_makes_it_look_again() {
    var change = new AtomicInteger();
    var wait =
        new ReadyWait(
            store,
            () -> {
              if (change.getAndIncrement() < 50) {
                store.put(MeshLoop.object("v1", "ConfigMap", "shop", "c" + change));
                return List.of("a");
              }
              return List.of();
            },
            System::nanoTime);

    // Every look changes an object: with the longest pause between them they would take 16 s.
    wait.await(Duration.ofSeconds(8), Duration.ZERO, _ -> {});

    assertThat(change).hasValue(51);
  }

  @Test
  void asks_less_often_while_nothing_changes() {
    var looks = new AtomicInteger();
    var wait =
        new ReadyWait(
            store,
            () -> {
              looks.incrementAndGet();
              return List.of("a");
            },
            System::nanoTime);

    assertThatThrownBy(() -> wait.await(Duration.ofMillis(700), Duration.ZERO, _ -> {}))
        .isInstanceOf(MeshException.class);

    assertThat(looks).hasValueBetween(2, 8);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, not ready: a; b",
    "40, 0, not ready after 40 ms: a; b",
    "2000, 2000, not ready after 2 s: a; b",
    "60000, 61000, not ready after 60 s: a; b",
    "1500, 1490, not ready after 1500 ms: a; b",
  })
  void names_the_time_that_was_granted_and_everything_that_is_missing(
      int millis, int spent, String text) {
    var wait = new ReadyWait(store, () -> List.of("a", "b"), System::nanoTime);

    assertThatThrownBy(
            () -> wait.await(Duration.ofMillis(millis), Duration.ofMillis(spent), _ -> {}))
        .isInstanceOf(MeshException.class)
        .hasMessage(text);
  }
}
