package dev.kiri.redirect.zds;

import java.io.IOException;

/// The agent broke the protocol in a way after which nothing it says can be relied on.
public final class ZdsViolation extends IOException {
  private static final long serialVersionUID = 1L;

  ZdsViolation(String message) {
    super(message);
  }
}
