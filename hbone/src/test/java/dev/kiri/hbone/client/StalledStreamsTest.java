package dev.kiri.hbone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.blocking.HboneSocket;
import dev.kiri.hbone.blocking.SocketListener;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tunnel.TunnelSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Streams whose readers stall, beside others of the same tunnel (istio/ztunnel issue 1945).
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class StalledStreamsTest {
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");
  private static final int STALLED = 24; // times 4 MiB: six times the connection's window

  private final TestCa ca = TestCa.root("mesh");
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger tunnels = new AtomicInteger();
  private final List<String> ends = new CopyOnWriteArrayList<>();
  private final AtomicLong swallowed = new AtomicLong();

  /// `s` stalls until the test is over and reads everything then; anything else is echoed.
  private void serve(HboneSocket socket) throws IOException {
    int first = socket.inputStream().read();
    if (first == 's') {
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      swallowed.addAndGet(socket.inputStream().skip(Long.MAX_VALUE));
      return;
    }
    socket.outputStream().write(first);
    socket.inputStream().transferTo(socket.outputStream());
    socket.shutdownOutput();
  }

  private ListeningServer server() throws IOException {
    var certificate = ca.workload("default", "server");
    return ListeningServer.bind(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        () -> certificate,
        ListenSettings.defaults(),
        new SocketListener(_ -> 200, this::serve) {
          @Override
          public void tunnelOpened(TunnelPeer peer) {
            tunnels.incrementAndGet();
          }

          @Override
          public void tunnelClosed(TunnelPeer peer, String text) {
            ends.add(text);
          }
        });
  }

  private HboneClient client(TunnelSettings.Records records) {
    var certificate = ca.workload("default", "client");
    var defaults = ClientSettings.defaults();
    var pool = PoolSettings.DEFAULT;
    var one =
        new PoolSettings(
            pool.tunnel().withRecords(records),
            200,
            1,
            1,
            pool.maxWaiting(),
            pool.connectTimeout(),
            pool.openTimeout(),
            pool.unusedRelease());
    return new HboneClient(
        () -> certificate,
        new ClientSettings(one, defaults.tls(), defaults.transport(), defaults.loops()));
  }

  private static HboneTarget target(ListeningServer at) {
    return new HboneTarget(
        at.address(), List.of(SERVER), ConnectRequest.to(Authority.parse("10.0.0.1:80")));
  }

  private static Thread flood(HboneSocket socket, int bytes) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (socket) {
                var chunk = new byte[64 << 10];
                chunk[0] = 's';
                for (int sent = 0; sent < bytes; sent += chunk.length) {
                  socket.outputStream().write(chunk);
                }
                socket.shutdownOutput();
                socket.inputStream().read();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
  }

  @ParameterizedTest
  @EnumSource(TunnelSettings.Records.class)
  void streams_that_stall_leave_the_tunnel_to_the_others(TunnelSettings.Records records)
      throws Exception {
    try (var at = server();
        var client = client(records)) {
      var floods = new ArrayList<Thread>();
      for (int i = 0; i < STALLED; i++) {
        floods.add(flood(client.connect(target(at)), 8 << 20));
      }
      // all that can be sent to readers that stall has been sent
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> floods.stream().allMatch(f -> f.getState() == Thread.State.WAITING));

      try (var honest = client.connect(target(at))) {
        honest.readTimeout(Duration.ofSeconds(10));
        honest.outputStream().write('h');
        assertThat(honest.inputStream().read()).isEqualTo('h');
        // a bulk one as well: more than the connection's window beside those that stall
        var chunk = new byte[256 << 10];
        for (int i = 0; i < 128; i++) {
          honest.outputStream().write(chunk);
          assertThat(honest.inputStream().readNBytes(chunk.length)).hasSize(chunk.length);
        }
      }
      assertThat(tunnels).hasValue(1);

      over.countDown();
      for (var flood : floods) {
        flood.join();
      }
      assertThat(ends).isEmpty();
      // small windows, negative ones included, lose nothing
      assertThat(swallowed).hasValue(STALLED * ((8L << 20) - 1));
    } finally {
      over.countDown();
    }
  }
}
