package dev.kiri.hbone.tls;

import java.security.cert.CertificateException;

/// Carries the reason of a refusal through the TLS engine.
final class PeerRejectedException extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final transient PeerRejected why;

  PeerRejectedException(PeerRejected why) {
    super("invalid peer certificate: " + why.text());
    this.why = why;
  }

  PeerRejected why() {
    return why;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
