package dev.kiri.redirect.zds;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Ztunnel could not be told, or did not take it: worth another try later.
public final class ZdsException extends IOException {
  private static final long serialVersionUID = 1L;

  ZdsException(String message) {
    super(message);
  }

  ZdsException(@Nullable String message, Throwable cause) {
    super(message, cause);
  }
}
