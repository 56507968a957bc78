package dev.kiri.ztunnel.share;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// An event loop on a virtual clock: rounds over the sockets that are ready, then what is due at
/// the end of the turn.
class LoopTurnsTest {
  private static final long MICRO = 1_000;

  private final List<Runnable> atEnd = new ArrayList<>();
  private final List<Socket> ready = new ArrayList<>(); // the longest first, as a kernel tells them
  private long now;
  private final LoopTurns turns = new LoopTurns(atEnd::add, 0);

  /// A socket that always has something to read, and what one read of it costs.
  private final class Socket {
    private final LoopShare share;
    private final long cost;
    private boolean stopped;
    private final List<Long> servedAt = new ArrayList<>();

    Socket(LoopShare share, long cost) {
      this.share = share;
      this.cost = cost;
    }

    void read() {
      now += cost;
      servedAt.add(now);
      if (share.used(1, cost, now)) {
        stopped = true;
        share.await(
            () -> {
              stopped = false;
              if (ready.remove(this)) {
                ready.add(this);
              }
            });
      }
    }
  }

  @Test
  void a_pod_that_is_alone_may_take_every_turn() {
    var sockets = sockets(new LoopShare(turns), 100, 50 * MICRO);

    rounds(sockets, 20);

    assertThat(sockets).allSatisfy(socket -> assertThat(socket.servedAt).hasSize(20));
    assertThat(sockets.getFirst().share.waits()).isZero();
  }

  @Test
  void a_pod_with_many_sockets_makes_another_wait_for_its_part_of_a_turn_only() {
    var noisy = new LoopShare(turns);
    var quiet = new Socket(new LoopShare(turns), 10 * MICRO);
    var all = sockets(noisy, 100, 50 * MICRO);
    all.add(quiet);

    rounds(all, 3); // found out that there are two, and what a read costs
    quiet.servedAt.clear();
    rounds(all, 50);

    long slowest = 0;
    for (int i = 1; i < quiet.servedAt.size(); i++) {
      slowest = Math.max(slowest, quiet.servedAt.get(i) - quiet.servedAt.get(i - 1));
    }
    assertThat(slowest).isLessThanOrEqualTo(LoopTurns.TURN_NANOS); // and not 5 ms
    assertThat(noisy.waits()).isPositive();
    assertThat(quiet.share.waits()).isZero();
  }

  @Test
  void a_pods_own_sockets_take_their_turns_one_after_the_other() {
    var all = sockets(new LoopShare(turns), 20, 100 * MICRO);
    all.add(new Socket(new LoopShare(turns), 10 * MICRO));

    rounds(all, 200);

    var served = all.subList(0, 20).stream().mapToInt(socket -> socket.servedAt.size());
    var least = all.subList(0, 20).stream().mapToInt(socket -> socket.servedAt.size()).min();
    assertThat(served.max().orElseThrow() - least.orElseThrow()).isLessThanOrEqualTo(3);
    assertThat(least.orElseThrow()).isGreaterThan(20);
  }

  @Test
  void equal_pods_get_equal_time() {
    var one = new LoopShare(turns);
    var other = new LoopShare(turns);
    var all = sockets(one, 200, 20 * MICRO);
    all.addAll(sockets(other, 10, 100 * MICRO));

    rounds(all, 500);

    double ratio = (double) one.loopNanos() / other.loopNanos();
    assertThat(ratio).isBetween(0.7, 1.4);
  }

  @Test
  void a_socket_that_waits_goes_on_although_nobody_else_has_anything_to_read() {
    var noisy = new LoopShare(turns);
    var waiting = sockets(noisy, 30, 400 * MICRO);
    var other = new Socket(new LoopShare(turns), MICRO);
    var all = new ArrayList<>(waiting);
    all.add(other);
    rounds(all, 2);
    assertThat(waiting).anyMatch(socket -> socket.stopped);

    rounds(List.of(), 60); // turns without a single socket that is ready

    assertThat(waiting).noneMatch(socket -> socket.stopped);
    assertThat(atEnd).isEmpty();
  }

  @Test
  void a_pod_that_fell_silent_competes_no_more() {
    var noisy = new LoopShare(turns);
    var all = sockets(noisy, 50, 50 * MICRO);
    var other = new Socket(new LoopShare(turns), MICRO);
    rounds(all, 2);
    other.read();
    rounds(all, 5);
    long waits = noisy.waits();
    assertThat(waits).isPositive();

    now += 3 * LoopTurns.WINDOW_NANOS;
    rounds(all, 100);
    long after = noisy.waits();
    rounds(all, 100);

    assertThat(noisy.waits()).isEqualTo(after);
  }

  @Test
  void what_a_pod_took_is_counted() {
    var share = new LoopShare(turns);
    share.used(100, 5, now);
    share.used(20, 7, now);

    assertThat(share.readBytes()).isEqualTo(120);
    assertThat(share.loopNanos()).isEqualTo(12);
  }

  private List<Socket> sockets(LoopShare share, int count, long cost) {
    var sockets = new ArrayList<Socket>();
    for (int i = 0; i < count; i++) {
      sockets.add(new Socket(share, cost));
    }
    return sockets;
  }

  private void rounds(List<Socket> sockets, int count) {
    if (!ready.containsAll(sockets) || sockets.isEmpty()) {
      ready.clear();
      ready.addAll(sockets);
    }
    for (int n = 0; n < count; n++) {
      now += MICRO;
      for (var socket : List.copyOf(ready)) {
        if (!socket.stopped) {
          socket.read();
        }
      }
      var due = new ArrayDeque<>(atEnd);
      atEnd.clear();
      due.forEach(Runnable::run);
    }
  }
}
