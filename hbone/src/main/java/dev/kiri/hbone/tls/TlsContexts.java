package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.WorkloadCertificate;

/// The TLS contexts of one certificate. Immutable and thread-safe.
public final class TlsContexts {

  public static TlsContexts of(WorkloadCertificate certificate, TlsSettings settings) {
    return new TlsContexts(certificate);
  }

  private final WorkloadCertificate certificate;

  private TlsContexts(WorkloadCertificate certificate) {
    this.certificate = certificate;
  }

  public WorkloadCertificate certificate() {
    return certificate;
  }
}
