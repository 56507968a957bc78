package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.tls.TlsContexts;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The TLS contexts of the identities on this node. Thread-safe; never blocks.
public interface Certificates {
  /// What there is now; null when there is none yet.
  @Nullable TlsContexts current(SpiffeId identity);

  /// Contexts as soon as there are some, or the reason why there are none.
  CompletionStage<TlsContexts> request(SpiffeId identity);
}
