package dev.kiri.hbone.pool;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.tls.TlsContexts;
import org.jspecify.annotations.Nullable;

/// The contexts to dial with. Asked once for each new tunnel, on an event loop; must not block.
@FunctionalInterface
public interface ClientTls {

  /// Null while there is no certificate for this identity: the stream fails with
  /// [dev.kiri.hbone.HboneFailure.NoCertificate].
  @Nullable TlsContexts contextsFor(SpiffeId source);
}
