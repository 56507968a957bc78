package dev.kiri.hbone.pool;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.testing.EchoServer;
import dev.kiri.hbone.testing.LoopbackMesh;
import dev.kiri.hbone.testing.LoopbackMesh.Options;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsContexts;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// What tests of a pool stand on: a pair of proxies on real sockets, in every variant.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@MethodSource("dev.kiri.hbone.testing.Variants#all")
abstract class BetweenTwo {
  @Parameter Options options = Options.defaults();
  final EchoServer app = EchoServer.echo();
  final TestCa ca = TestCa.root("mesh");
  private @Nullable LoopbackMesh mesh;

  @AfterEach
  void close() {
    if (mesh != null) {
      mesh.close();
    }
    app.close();
  }

  LoopbackMesh mesh(int maxStreams) {
    var made =
        LoopbackMesh.between(
            app.address(),
            options.withMaxStreams(maxStreams),
            ca.workload("default", "client"),
            ca.workload("default", "server"));
    mesh = made;
    return made;
  }

  Opened open(LoopbackMesh in, TunnelKey key) {
    return open(in.pool(), in.loops().next(), key);
  }

  Opened open(HbonePool pool, EventLoop loop, TunnelKey key) {
    var opened = new Opened();
    pool.open(loop, key, ConnectRequest.to(Authority.of(app.address())), opened);
    return opened;
  }

  /// The contexts of the dialling end.
  TlsContexts clientTls() {
    return TlsContexts.of(ca.workload("default", "client"), options.tls());
  }
}
