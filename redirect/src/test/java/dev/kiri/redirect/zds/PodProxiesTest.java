package dev.kiri.redirect.zds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.Namespaces;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What ztunnel keeps behind its connection, as istio/ztunnel `src/inpod/statemanager.rs` does.
class PodProxiesTest {
  private static final WorkloadInfo WEB = new WorkloadInfo("web", "shop", "web");

  private final List<String> started = new ArrayList<>();
  private final List<String> stopped = new ArrayList<>();
  private boolean portTaken;
  private boolean ready;
  private int pending;
  private HomeNetns home;
  private PodNetns one;
  private PodNetns other;

  private final PodProxies proxies =
      new PodProxies(
          (uid, _, netns) -> {
            if (portTaken) {
              throw new IOException("Address already in use");
            }
            started.add(uid + netns.id());
            return () -> {
              stopped.add(uid + netns.id());
              netns.close();
            };
          },
          new PodProxies.Observer() {
            @Override
            public void counts(int active, int waiting) {
              pending = waiting;
            }

            @Override
            public void ready(boolean now) {
              ready = now;
            }
          });

  @BeforeEach
  void connect() throws IOException {
    home = HomeNetns.ofThisThread();
    one = Namespaces.create(home);
    other = Namespaces.create(home);
    proxies.connected();
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  @Test
  void the_same_namespace_twice_starts_one_proxy() throws Exception {
    proxies.add("a", WEB, one.share());
    proxies.add("a", WEB, one.share());

    assertThat(started).containsExactly("a" + one.id());
  }

  @Test
  void another_namespace_under_the_same_uid_replaces_the_proxy() throws Exception {
    proxies.add("a", WEB, one.share());
    proxies.add("a", WEB, other.share());

    assertThat(started).containsExactly("a" + one.id(), "a" + other.id());
    assertThat(stopped).containsExactly("a" + one.id());
  }

  @Test
  void ready_when_the_snapshot_is_complete_and_nothing_is_pending() throws Exception {
    proxies.add("a", WEB, one.share());
    assertThat(ready).isFalse();

    proxies.snapshotSent();
    assertThat(ready).isTrue();

    proxies.disconnected("gone");
    assertThat(ready).isFalse();
  }

  @Test
  void a_proxy_that_does_not_start_is_tried_again() throws Exception {
    portTaken = true;
    assertThatThrownBy(() -> proxies.add("a", WEB, one.share()))
        .hasMessage("Address already in use");
    proxies.snapshotSent();
    assertThat(pending).isEqualTo(1);
    assertThat(ready).isFalse();

    proxies.retry();
    assertThat(pending).isEqualTo(1);

    portTaken = false;
    proxies.retry();
    assertThat(pending).isZero();
    assertThat(ready).isTrue();
    assertThat(started).hasSize(1);
  }

  @Test
  void a_newer_namespace_is_not_replaced_by_the_one_that_was_pending() throws Exception {
    portTaken = true;
    assertThatThrownBy(() -> proxies.add("a", WEB, one.share())).isInstanceOf(IOException.class);
    portTaken = false;
    proxies.add("a", WEB, other.share());

    proxies.retry();

    assertThat(started).containsExactly("a" + other.id());
  }

  @Test
  void a_pod_deleted_while_pending_is_forgotten() {
    portTaken = true;
    assertThatThrownBy(() -> proxies.add("a", WEB, one.share())).isInstanceOf(IOException.class);

    proxies.delete("a");

    assertThat(pending).isZero();
    assertThatCode(proxies::retry).doesNotThrowAnyException();
  }

  @Test
  void a_pod_that_the_next_snapshot_does_not_name_is_stopped() throws Exception {
    proxies.add("a", WEB, one.share());
    proxies.add("b", WEB, other.share());
    proxies.snapshotSent();
    proxies.disconnected("agent restarts");

    proxies.connected();
    proxies.keep("a");
    proxies.snapshotSent();

    assertThat(started).hasSize(2);
    assertThat(stopped).containsExactly("b" + other.id());
  }

  @Test
  void a_delete_before_the_end_of_the_snapshot_takes_effect_at_its_end() throws Exception {
    proxies.add("a", WEB, one.share());

    proxies.delete("a");
    assertThat(stopped).isEmpty();

    proxies.snapshotSent();
    assertThat(stopped).hasSize(1);
  }

  @Test
  void the_pods_can_be_listed() throws Exception {
    proxies.add("a", WEB, one.share());
    portTaken = true;
    assertThatThrownBy(() -> proxies.add("b", WEB, other.share())).isInstanceOf(IOException.class);

    assertThat(proxies.states())
        .containsExactlyInAnyOrder(
            new PodProxies.State("a", WEB, true), new PodProxies.State("b", WEB, false));
  }
}
