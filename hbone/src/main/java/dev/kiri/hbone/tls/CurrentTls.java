package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.CertificateSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The contexts of a source's current certificate, made anew only when that has been renewed.
/// Thread-safe.
public final class CurrentTls implements Supplier<@Nullable TlsContexts> {
  private final CertificateSource certificates;
  private final TlsSettings settings;
  private volatile @Nullable TlsContexts latest;

  public CurrentTls(CertificateSource certificates, TlsSettings settings) {
    this.certificates = certificates;
    this.settings = settings;
  }

  /// Null while there is no certificate. Throws [IllegalArgumentException] if key and certificate
  /// do not fit.
  @Override
  public @Nullable TlsContexts get() {
    var certificate = certificates.current();
    if (certificate == null) {
      return null;
    }
    var known = latest;
    if (known != null && known.certificate().equals(certificate)) {
      return known;
    }
    var made = TlsContexts.of(certificate, settings);
    latest = made;
    return made;
  }
}
