package dev.kiri.hbone.gates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.client.HboneClient;
import dev.kiri.hbone.client.HboneTarget;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.connect.Forwarded;
import dev.kiri.hbone.connect.TraceParent;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.server.ListenSettings;
import dev.kiri.hbone.server.ListeningServer;
import dev.kiri.hbone.testing.EndsWithPeer;
import dev.kiri.hbone.testing.PartialHandler;
import dev.kiri.hbone.testing.TestCa;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What opening a stream and closing it again leaves behind, on both ends together.
@Timeout(60)
@ExtendWith(WithoutLeakDetection.class)
final class OpenCloseTest {
  private static final SpiffeId SERVER = SpiffeId.of("cluster.local", "default", "server");
  private static final int ROUNDS = 4_000;

  private final TestCa ca = TestCa.root("mesh");

  @Test
  void a_connect_opened_and_closed_leaves_at_most_2500_bytes_on_both_ends_together()
      throws Exception {
    var server = ca.workload("default", "server");
    var client = ca.workload("default", "client");
    try (var at =
            ListeningServer.bind(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                () -> server,
                ListenSettings.defaults(),
                EndsWithPeer::accept);
        var from = new HboneClient(() -> client)) {
      var target = new HboneTarget(at.address(), List.of(SERVER), request());
      new Series(from, target, ROUNDS).run();
      var loops = Allocations.of("hbone-client", "hbone-server");
      long before = loops.bytes();
      new Series(from, target, ROUNDS).run();

      assertThat((loops.bytes() - before) / (double) ROUNDS).isBetween(500.0, 2_500.0);
    }
  }

  /// As a ztunnel asks.
  private static ConnectRequest request() {
    return new ConnectRequest(
        Authority.parse("10.244.1.5:8080"),
        new Baggage("Kubernetes", "shop", "deployment", "web", "web", "v1", "region-1", "zone-1"),
        new Forwarded("10.244.2.7:41234", "cart.shop.svc.cluster.local"),
        new TraceParent("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "00"),
        null);
  }

  /// Streams one after another.
  private static final class Series implements PartialHandler {
    private final HboneClient client;
    private final HboneTarget target;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int left;

    Series(HboneClient client, HboneTarget target, int streams) {
      this.client = client;
      this.target = target;
      this.left = streams;
    }

    void run() {
      client.open(target, this);
      done.join();
    }

    @Override
    public void opened(HboneStream opened, ConnectResponse response) {
      opened.end();
    }

    @Override
    public void closed(StreamClosed why) {
      if (!(why instanceof StreamClosed.Finished)) {
        done.completeExceptionally(new AssertionError(why.toString()));
      } else if (--left == 0) {
        done.complete(null);
      } else {
        client.open(target, this);
      }
    }
  }
}
