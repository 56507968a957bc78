package dev.kiri.hbone.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// A workload's key, its certificate chain (leaf first, no root) and the roots it trusts.
/// `identity` is the first SPIFFE URI of the leaf. Immutable.
public record WorkloadCertificate(
    PrivateKey key, List<X509Certificate> chain, List<X509Certificate> roots, SpiffeId identity) {

  /// Throws [IllegalArgumentException] if the chain or the roots are empty, or if the leaf carries
  /// no SPIFFE identity.
  public WorkloadCertificate(
      PrivateKey key, List<X509Certificate> chain, List<X509Certificate> roots) {
    this(key, chain, roots, identityOf(chain));
  }

  /// Throws [IllegalArgumentException] if the chain or the roots are empty, or if the leaf is of
  /// another identity.
  public WorkloadCertificate {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
    if (roots.isEmpty()) {
      throw new IllegalArgumentException("invalid root certificate: no root certificate present");
    }
    if (!identity.equals(identityOf(chain))) {
      throw new IllegalArgumentException("invalid certificate: the leaf is not of " + identity);
    }
  }

  private static SpiffeId identityOf(List<X509Certificate> chain) {
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("invalid certificate: no certificate present");
    }
    var id = CertificateIdentities.of(chain.getFirst()).first();
    if (id == null) {
      throw new IllegalArgumentException("invalid certificate: no SPIFFE identity in the leaf");
    }
    return id;
  }

  public X509Certificate leaf() {
    return chain.getFirst();
  }

  public Instant notBefore() {
    return chain.getFirst().getNotBefore().toInstant();
  }

  public Instant notAfter() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  /// Names the identity and the serial number, never the key.
  @Override
  public String toString() {
    return "WorkloadCertificate[" + identity() + " serial " + leaf().getSerialNumber() + "]";
  }
}
