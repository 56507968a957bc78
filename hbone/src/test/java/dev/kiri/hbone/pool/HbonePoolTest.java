package dev.kiri.hbone.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.tls.TlsSettings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Which tunnel a stream rides (istio/ztunnel `src/proxy/pool.rs`, its tests), on real sockets.
final class HbonePoolTest extends BetweenTwo {
  @Test
  void streams_share_a_tunnel_and_a_later_pair_finds_it_again() {
    var in = mesh(3);
    var first = List.of(open(in, in.key()), open(in, in.key()));
    first.forEach(Opened::finish);
    var second = List.of(open(in, in.key()), open(in, in.key()));
    second.forEach(Opened::finish);

    assertThat(in.tunnelsOpened.get()).isEqualTo(1);
    assertThat(in.tunnelsClosed.get()).isZero();
  }

  @Test
  void a_hundred_at_once_wait_for_one_dial() {
    var in = mesh(101);
    var all = new ArrayList<Opened>();
    for (int i = 0; i < 100; i++) {
      all.add(open(in, in.key()));
    }
    all.forEach(Opened::stream);

    assertThat(in.tunnelsOpened.get()).isEqualTo(1);
  }

  @Test
  void a_full_tunnel_is_joined_by_another_and_used_again_later() {
    var in = mesh(1);
    var both = List.of(open(in, in.key()), open(in, in.key()));
    both.forEach(Opened::stream);
    assertThat(in.tunnelsOpened.get()).isEqualTo(2);

    both.forEach(Opened::finish);
    open(in, in.key()).finish();

    assertThat(in.tunnelsOpened.get()).isEqualTo(2);
  }

  @Test
  void another_source_address_takes_another_tunnel() throws Exception {
    var in = mesh(100);
    var key = in.key();
    open(in, key).stream();
    open(
        in,
        new TunnelKey(
            key.source(), key.expected(), key.destination(), InetAddress.getByName("192.0.2.7")))
        .stream();

    assertThat(in.tunnelsOpened.get()).isEqualTo(2);
  }

  @Test
  void a_lost_tunnel_ends_its_streams_and_the_next_stream_dials() {
    var in = mesh(100);
    var lost = open(in, in.key());
    lost.stream();

    in.server().closeIf(_ -> true, "connection closed: peer certificate revoked by CRL");

    assertThat(lost.closed.join()).isInstanceOf(StreamClosed.TunnelLost.class);
    open(in, in.key()).finish();
    assertThat(in.tunnelsOpened.get()).isEqualTo(2);
  }

  @Test
  void a_draining_server_lets_running_streams_end_and_takes_no_new_tunnel() {
    var in = mesh(100);
    var running = open(in, in.key());
    var stream = running.stream();

    var drained = in.server().drain(Duration.ofSeconds(20)).toCompletableFuture();

    // one that was on its way when the server said so is still served
    await()
        .until(
            () -> {
              var late = open(in, in.key());
              late.finish();
              return late.closed.join() instanceof StreamClosed.Failed;
            });
    assertThat(drained).isNotDone();
    stream.loop().execute(stream::end);
    assertThat(running.closed.join()).isInstanceOf(StreamClosed.Finished.class);
    drained.join();
  }

  @Test
  void a_pool_may_close_at_any_moment_of_a_handshake() {
    var in = mesh(100);
    var tls = clientTls();
    for (int i = 0; i < 100; i++) {
      try (var pool = in.newPool(PoolSettings.DEFAULT, _ -> tls)) {
        open(pool, in.loops().next(), in.key());
        LockSupport.parkNanos(i * 50_000L); // up to five milliseconds: before, during, after
      }
    }

    open(in, in.key()).finish();
  }

  @Test
  void a_stream_its_tunnel_and_its_callers_loop_are_one_thread() {
    options = options.withLoops(2);
    var in = mesh(100);
    var loops = List.of(in.loops().next(), in.loops().next());
    assertThat(loops).doesNotHaveDuplicates();

    for (var loop : List.of(loops.get(0), loops.get(1), loops.get(0), loops.get(1))) {
      assertThat(open(in.pool(), loop, in.key()).stream().loop()).isSameAs(loop);
    }

    assertThat(in.tunnelsOpened).as("one a loop").hasValue(2);
  }

  @Test
  void the_engine_is_the_one_that_was_asked_for() {
    var tls = clientTls();
    var handshake = tls.client(ByteBufAllocator.DEFAULT, List.of());
    try {
      assertThat(handshake.engine() instanceof ReferenceCountedOpenSslEngine)
          .isEqualTo(options.tls().engine() == TlsSettings.Engine.BORINGSSL);
    } finally {
      ReferenceCountUtil.release(handshake.engine());
      handshake.finished();
    }
  }
}
