package dev.kiri.redirect.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.redirect.sys.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PodNetnsTest {
  private final HomeNetns home = home();

  private static HomeNetns home() {
    try {
      return HomeNetns.ofThisThread();
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Test
  void work_runs_inside_and_the_thread_comes_back() throws Exception {
    try (var pod = Namespaces.create(home)) {
      var inside = pod.inside(HomeNetns::ofThisThread).id();

      assertThat(inside).isEqualTo(pod.id()).isNotEqualTo(home.id());
      assertThat(HomeNetns.ofThisThread().id()).isEqualTo(home.id());
    }
  }

  @Test
  void the_thread_comes_back_when_the_work_fails() throws Exception {
    try (var pod = Namespaces.create(home)) {
      assertThatThrownBy(
              () ->
                  pod.inside(
                      () -> {
                        throw new IOException("broken");
                      }))
          .hasMessage("broken");

      assertThat(HomeNetns.ofThisThread().id()).isEqualTo(home.id());
    }
  }

  @Test
  void a_virtual_thread_is_not_let_in() throws Exception {
    try (var pod = Namespaces.create(home)) {
      var thrown = new AtomicReference<Throwable>();

      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  pod.inside(() -> "never");
                } catch (Exception refused) {
                  thrown.set(refused);
                }
              })
          .join();

      assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void a_shared_handle_outlives_the_first_one() throws Exception {
    var first = Namespaces.create(home);
    var second = first.share();
    first.close();

    try (second) {
      assertThat(second.inside(HomeNetns::ofThisThread).id()).isEqualTo(first.id());
      assertThatThrownBy(first::share).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void a_handle_closed_during_work_stays_open_until_the_work_is_done() throws Exception {
    var pod = Namespaces.create(home);

    var stillThere =
        pod.inside(
            () -> {
              pod.close();
              return HomeNetns.ofThisThread().id();
            });

    assertThat(stillThere).isEqualTo(pod.id());
    assertThatThrownBy(() -> pod.inside(() -> "never")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void two_handles_of_one_namespace_have_the_same_identity() throws Exception {
    var self = Path.of("/proc/self/ns/net");

    try (var one = PodNetns.open(self, home);
        var other = PodNetns.open(self, home)) {
      assertThat(one.id()).isEqualTo(other.id());
      assertThat(one.isHome()).isTrue();
    }
  }

  @Test
  void a_file_that_is_no_namespace_is_refused() throws Exception {
    var file = Files.createTempFile("not-a-namespace", "");
    try {
      assertThatThrownBy(() -> PodNetns.open(file, home))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not a namespace");
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void another_kind_of_namespace_is_refused() {
    assertThatThrownBy(() -> PodNetns.open(Path.of("/proc/self/ns/mnt"), home))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a network namespace");
  }

  @Test
  void a_missing_file_is_named() {
    assertThatThrownBy(() -> Linux.open(Path.of("/nonexistent/netns")))
        .hasMessage("open(/nonexistent/netns): No such file or directory");
  }
}
