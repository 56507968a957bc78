package dev.kiri.hbone.identity;

import org.jspecify.annotations.Nullable;

/// Where a program's own certificate comes from: files, a CA, a node agent. Asked for each new
/// tunnel, on any thread; must not block, and answers the same object until the certificate is
/// renewed.
@FunctionalInterface
public interface CertificateSource {

  /// Null while there is none: nobody is dialled, nobody is let in.
  @Nullable WorkloadCertificate current();
}
