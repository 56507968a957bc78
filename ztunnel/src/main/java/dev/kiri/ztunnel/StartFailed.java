package dev.kiri.ztunnel;

/// The process cannot do its work; the message says what is missing and what would mend it.
final class StartFailed extends Exception {
  StartFailed(String message, Throwable cause) {
    super(message, cause);
  }
}
