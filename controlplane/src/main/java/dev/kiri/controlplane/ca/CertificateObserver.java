package dev.kiri.controlplane.ca;

/// Hears what the certificate authority does; for metrics.
public interface CertificateObserver {
  /// A request arrived.
  void requested();

  /// A caller could not prove who it is, or may not act for another.
  void authenticationFailed();

  /// A caller asked for what is no identity. [#authenticationFailed] is called as well.
  void identityUnreadable();

  /// A request could not be signed.
  void failed(IssueOutcome.Reason reason);

  /// A certificate was issued.
  void issued();
}
