package dev.kiri.mesh.ca;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;

/// Something that issues certificates. Thread-safe; calls block, and are made on virtual threads.
@FunctionalInterface
public interface CertificateSource {

  /// Makes a key and gets a certificate for it.
  ///
  /// @throws CertificateRefused if none was issued; the message says why
  WorkloadCertificate fetch(SpiffeId identity) throws CertificateRefused, InterruptedException;
}
