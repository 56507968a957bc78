package dev.kiri.redirect.zds;

import java.io.IOException;

/// A packet that is not the message expected, or is one that the protocol forbids here.
public final class InvalidZdsMessage extends IOException {
  private static final long serialVersionUID = 1L;

  InvalidZdsMessage(String message) {
    super(message);
  }

  InvalidZdsMessage(String message, Throwable cause) {
    super(message, cause);
  }
}
