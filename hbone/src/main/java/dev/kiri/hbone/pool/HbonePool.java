package dev.kiri.hbone.pool;

import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectRequest;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// Opens streams over shared tunnels. Thread-safe; one pool serves one dialer (one pod).
@SuppressWarnings("DoNotCallSuggester")
public final class HbonePool implements AutoCloseable {

  public HbonePool(PoolSettings settings, TunnelDialer dialer, ClientTls tls) {
    this(settings, dialer, tls, PoolObserver.NONE);
  }

  public HbonePool(
      PoolSettings settings, TunnelDialer dialer, ClientTls tls, PoolObserver observer) {
    throw new UnsupportedOperationException();
  }

  public Opening open(
      EventLoop loop, TunnelKey key, ConnectRequest request, StreamHandler handler) {
    throw new UnsupportedOperationException();
  }

  public CompletionStage<Void> drain(Duration deadline) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
