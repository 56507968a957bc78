package dev.kiri.ztunnel.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.ztunnel.telemetry.Direction;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What upstream pins of its table of connections (istio/ztunnel `src/proxy/connection_manager.rs`,
/// tests), of one in which every connection stands for itself.
class LiveConnectionsTest {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
  private final EventLoop one = group.next();
  private final EventLoop other = group.next();
  private final LiveConnections live = new LiveConnections(List.of(one, other));

  @AfterEach
  void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @Test
  void two_registrations_of_one_key_need_two_releases() {
    var first = new Connection(one);
    var alike = new Connection(one);

    first.remove();
    assertThat(count()).isEqualTo(1);
    first.remove();
    assertThat(count()).isEqualTo(1);
    alike.remove();
    assertThat(count()).isZero();
  }

  @Test
  void a_connection_that_is_registered_twice_is_there_once() {
    var connection = new Connection(one);
    connection.add();

    assertThat(count()).isEqualTo(1);
  }

  @Test
  void closing_signals_all_each_on_its_own_loop() {
    var some = List.of(new Connection(one), new Connection(one), new Connection(other));

    live.abortAll(LiveConnection.Ending.DEADLINE).toCompletableFuture().join();

    assertThat(some)
        .allSatisfy(
            connection ->
                assertThat(connection.heard)
                    .containsExactly("connection failed to drain within the timeout"));
    assertThat(count()).isZero();
  }

  @Test
  void a_release_after_the_close_changes_nothing() {
    var connection = new Connection(one);
    live.abortAll(LiveConnection.Ending.DRAIN).toCompletableFuture().join();

    connection.remove();

    assertThat(count()).isZero();
  }

  @Test
  void every_connection_looks_again_when_the_mesh_has_changed() {
    var some = List.of(new Connection(one), new Connection(other));

    live.reconsider(new MeshStore().current());

    for (var connection : some) {
      await().until(() -> connection.heard.contains("reconsider"));
    }
  }

  @Test
  void that_there_are_none_any_more_is_told_after_the_last_one_and_not_before() {
    var first = new Connection(one);
    var last = new Connection(other);
    var none = live.none().toCompletableFuture();

    first.remove();
    assertThat(count()).isEqualTo(1);
    assertThat(none).isNotDone();
    last.remove();

    await().until(none::isDone);
  }

  @Test
  void each_direction_has_its_own_list() {
    new Connection(one);

    assertThat(live.entries(Direction.INBOUND).toCompletableFuture().join()).hasSize(1);
    assertThat(live.entries(Direction.OUTBOUND).toCompletableFuture().join()).isEmpty();
  }

  @Test
  void nobody_else_may_touch_the_set_of_a_loop() {
    var connection = new Connection(one);

    assertThatThrownBy(() -> live.remove(one, connection))
        .isInstanceOf(IllegalStateException.class);
    assertThat(count()).isEqualTo(1);
  }

  private int count() {
    return live.count().toCompletableFuture().join();
  }

  private final class Connection implements LiveConnection {
    private final EventLoop loop;
    private final List<String> heard = new CopyOnWriteArrayList<>();

    Connection(EventLoop loop) {
      this.loop = loop;
      add();
    }

    void add() {
      loop.submit(() -> live.add(loop, this)).syncUninterruptibly();
    }

    void remove() {
      loop.submit(() -> live.remove(loop, this)).syncUninterruptibly();
    }

    @Override
    public Direction direction() {
      return Direction.INBOUND;
    }

    @Override
    public Entry describe() {
      return new Entry("192.0.2.1:1", null, "192.0.2.2:2", "HBONE");
    }

    @Override
    public void reconsider(MeshSnapshot mesh) {
      heard.add(loop.inEventLoop() ? "reconsider" : "on another thread");
    }

    @Override
    public void abort(Ending why) {
      heard.add(loop.inEventLoop() ? why.text() : "on another thread");
      live.remove(loop, this);
    }
  }
}
