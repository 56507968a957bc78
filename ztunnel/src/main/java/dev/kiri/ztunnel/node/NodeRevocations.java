package dev.kiri.ztunnel.node;

import dev.kiri.hbone.tls.RevocationFile;
import dev.kiri.hbone.tls.Revocations;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's revoked certificates: those of the CRLs in `CRL_PATH`, or none. Thread-safe.
public final class NodeRevocations implements Revocations, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("tls");

  /// Upstream waits as long for more changes of the file (istio/ztunnel `src/tls/crl.rs`).
  private static final Duration LOOK = Duration.ofSeconds(2);

  private final @Nullable RevocationFile file;

  /// Reads the file, if there is to be one.
  public NodeRevocations(@Nullable Path path) {
    file = path == null ? null : new RevocationFile(path, LOG::warn);
    if (file != null && file.look() instanceof RevocationFile.Look.Unreadable(var why)) {
      LOG.warn("failed to initialize crl manager: {}", why);
    }
  }

  /// Runs `then` whenever other certificates are revoked than before.
  public void onChange(Runnable then) {
    if (file != null) {
      file.onChange(then);
    }
  }

  /// Looks at the file every two seconds from now on.
  public void watch() {
    if (file != null) {
      file.watch(LOOK);
    }
  }

  @Override
  public boolean isRevoked(X509Certificate certificate, X509Certificate issuer) {
    return file != null && file.isRevoked(certificate, issuer);
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
