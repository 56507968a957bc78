package dev.kiri.hbone.server;

import dev.kiri.hbone.tls.TlsContexts;
import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Serves tunnels on accepted TCP channels. Thread-safe.
@SuppressWarnings("DoNotCallSuggester")
public final class HboneServer {

  public HboneServer(
      ServerSettings settings, Supplier<@Nullable TlsContexts> tls, ConnectListener listener) {
    throw new UnsupportedOperationException();
  }

  public ChannelHandler childHandler() {
    throw new UnsupportedOperationException();
  }

  public CompletionStage<Void> drain(Duration deadline) {
    throw new UnsupportedOperationException();
  }
}
