package dev.kiri.hbone.tls;

import java.security.cert.X509Certificate;

/// Which certificates are revoked. Asked on handshakes, from any thread; must not block.
@FunctionalInterface
public interface Revocations {

  /// Nothing is revoked.
  Revocations NONE = (_, _) -> false;

  /// `issuer` is who signed `certificate` on the path that was verified.
  boolean isRevoked(X509Certificate certificate, X509Certificate issuer);
}
