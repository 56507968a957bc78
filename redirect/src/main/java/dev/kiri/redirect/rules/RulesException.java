package dev.kiri.redirect.rules;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Rules could not be applied, read or removed; the message carries what the kernel or `nft` said.
public final class RulesException extends IOException {
  private static final long serialVersionUID = 1L;

  RulesException(String message) {
    super(message);
  }

  RulesException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
