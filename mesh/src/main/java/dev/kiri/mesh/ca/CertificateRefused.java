package dev.kiri.mesh.ca;

import org.jspecify.annotations.Nullable;

/// No certificate was issued, or what was issued cannot be used.
public final class CertificateRefused extends Exception {
  private static final long serialVersionUID = 1L;

  public CertificateRefused(String message) {
    super(message);
  }

  public CertificateRefused(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
