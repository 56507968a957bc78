package dev.kiri.hbone.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.identity.SpiffeId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever happens in whatever order: no stream rides the tunnel of another key, none is lost
/// without an answer, no tunnel leaks, nothing waits for ever.
///
/// `-Dpool.seed=N` runs one seed again, `-Dpool.runs=N` runs N others. A failure names its seed and
/// the fewest steps that were found to fail.
final class PoolPropertyTest {
  private static final int STEPS = 400;
  private static final int SHRINKING_RUNS = 40;

  static List<Long> seeds() {
    var one = Long.getLong("pool.seed");
    if (one != null) {
      return List.of(one);
    }
    long runs = Long.getLong("pool.runs", 0);
    var seeds = new ArrayList<>(List.of(1L, 2L, 3L));
    for (long i = 0; i < runs; i++) {
      seeds.add(System.nanoTime() + i);
    }
    return seeds;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
  void no_order_of_events_mixes_streams_of_two_keys_or_loses_one(long seed) {
    var steps = PoolStep.random(seed, STEPS);
    var violation = run(steps);
    if (violation != null) {
      throw new AssertionError("seed %d: %s, after %s".formatted(seed, violation, shrunk(steps)));
    }
  }

  private static @Nullable String run(List<PoolStep> steps) {
    try (var world = new PoolWorld()) {
      for (int i = 0; i < steps.size(); i++) {
        world.take(steps.get(i));
        if (i % 16 == 0) {
          world.checkBounds();
        }
      }
      var verdict = world.verdict();
      if (verdict == null && steps.size() == STEPS) {
        assertThat(world.served()).as("streams that arrived").isGreaterThan(STEPS / 10);
      }
      return verdict;
    }
  }

  /// Leaves out ever smaller parts as long as what is left fails.
  private static List<PoolStep> shrunk(List<PoolStep> steps) {
    var left = steps;
    int runs = 0;
    for (int part = steps.size() / 2; part > 0 && runs < SHRINKING_RUNS; part /= 2) {
      for (int at = 0; at + part <= left.size() && runs < SHRINKING_RUNS; runs++) {
        var fewer = new ArrayList<>(left.subList(0, at));
        fewer.addAll(left.subList(at + part, left.size()));
        if (run(fewer) != null) {
          left = fewer;
        } else {
          at += part;
        }
      }
    }
    return left;
  }

  // the ledger itself

  private final PoolLedger ledger = new PoolLedger();
  private final InetSocketAddress somewhere = InetSocketAddress.createUnresolved("x", 1);
  private final SpiffeId a = SpiffeId.of("cluster.local", "a", "a");
  private final SpiffeId b = SpiffeId.of("cluster.local", "b", "b");
  private final SpiffeId server = SpiffeId.of("cluster.local", "server", "server");
  private final TunnelPeer fromA = new TunnelPeer(a, somewhere, somewhere, "any");

  private TunnelKey key(SpiffeId source, SpiffeId expected) {
    return new TunnelKey(source, List.of(expected), somewhere, null);
  }

  @Test
  void a_ledger_of_streams_of_one_key_is_clean() {
    ledger.served(key(a, server), fromA, server);
    ledger.served(key(a, server), fromA, server);
    ledger.closed(false, new StreamClosed.Finished());
    ledger.closed(false, new StreamClosed.Finished());
    ledger.atEnd(2, 0, 0);
    assertThat(ledger.violation()).isNull();
  }

  @Test
  void a_ledger_notices_another_identity() {
    ledger.served(key(b, server), fromA, server);
    assertThat(ledger.violation()).contains("sa/b came as", "sa/a");
  }

  @Test
  void a_ledger_notices_a_server_that_was_not_expected() {
    ledger.served(key(a, server), fromA, b);
    assertThat(ledger.violation()).contains("came to", "sa/b");
  }

  @Test
  void a_ledger_notices_a_tunnel_of_two_keys() {
    ledger.served(key(a, server), fromA, server);
    ledger.served(new TunnelKey(a, List.of(b, server), somewhere, null), fromA, server);
    assertThat(ledger.violation()).contains("one tunnel carried");
  }

  @Test
  void a_ledger_notices_lost_streams_and_leaked_tunnels() {
    ledger.atEnd(1, 0, 0);
    assertThat(ledger.violation()).contains("1 streams were never closed");
    var leaking = new PoolLedger();
    leaking.atEnd(0, 0, 1);
    assertThat(leaking.violation()).contains("1 tunnels leaked");
    var growing = new PoolLedger();
    growing.tunnels(7, 6);
    assertThat(growing.violation()).contains("7 tunnels");
  }
}
