package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.CertificateIdentities;
import java.security.cert.X509Certificate;
import java.util.List;

/// A peer that was let in: its identities, and the verified chain by which it may be revoked later.
/// Thread-safe.
public final class VerifiedPeer {
  private final CertificateIdentities identities;
  private final List<X509Certificate> path;
  private final Revocations revocations;

  VerifiedPeer(
      CertificateIdentities identities, List<X509Certificate> path, Revocations revocations) {
    this.identities = identities;
    this.path = path;
    this.revocations = revocations;
  }

  public CertificateIdentities identities() {
    return identities;
  }

  /// Whether a certificate of the chain that was verified is revoked by now.
  public boolean isRevoked() {
    for (var certificate : path) {
      if (revocations.isRevoked(certificate)) {
        return true;
      }
    }
    return false;
  }
}
