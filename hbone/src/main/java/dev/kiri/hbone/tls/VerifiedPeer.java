package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.CertificateIdentities;

/// A peer that was let in: its identities, and the verified chain by which it may be revoked later.
/// Thread-safe.
public final class VerifiedPeer {
  private final CertificateIdentities identities;
  private final VerifiedPath path;
  private final Revocations revocations;

  VerifiedPeer(CertificateIdentities identities, VerifiedPath path, Revocations revocations) {
    this.identities = identities;
    this.path = path;
    this.revocations = revocations;
  }

  public CertificateIdentities identities() {
    return identities;
  }

  /// Whether a certificate of the chain that was verified is revoked by now.
  public boolean isRevoked() {
    return path.isRevoked(revocations);
  }
}
