package dev.kiri.hbone.tls;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
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

  /// The same with the cause by which the JDK's engine chooses its alert, which it does for two of
  /// them: `certificate_expired` and `certificate_revoked`.
  CertificateException forJdk() {
    var reason =
        switch (why) {
          case PeerRejected.Expired _, PeerRejected.NotValidYet _ -> BasicReason.EXPIRED;
          case PeerRejected.Revoked _ -> BasicReason.REVOKED;
          case PeerRejected.UnknownIssuer _,
              PeerRejected.InvalidPurpose _,
              PeerRejected.BadEncoding _,
              PeerRejected.UnexpectedIdentity _,
              PeerRejected.ForeignTrustDomain _ ->
              BasicReason.UNSPECIFIED;
        };
    return new CertificateException(
        getMessage(), new CertPathValidatorException(getMessage(), this, null, -1, reason));
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
