package dev.kiri.hbone.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// A path that was validated: leaf first, up to the certificate that `root` has issued. Immutable.
record VerifiedPath(List<X509Certificate> certificates, X509Certificate root) {
  VerifiedPath {
    certificates = List.copyOf(certificates);
  }

  X509Certificate leaf() {
    return certificates.getFirst();
  }

  boolean isRevoked(Revocations by) {
    for (int i = 0; i < certificates.size(); i++) {
      var issuer = i + 1 < certificates.size() ? certificates.get(i + 1) : root;
      if (by.isRevoked(certificates.get(i), issuer)) {
        return true;
      }
    }
    return false;
  }

  void requireValid(Instant now) throws PeerRejectedException {
    for (var certificate : certificates) {
      if (now.isAfter(certificate.getNotAfter().toInstant())) {
        throw new PeerRejectedException(new PeerRejected.Expired());
      }
      if (now.isBefore(certificate.getNotBefore().toInstant())) {
        throw new PeerRejectedException(new PeerRejected.NotValidYet());
      }
    }
  }
}
