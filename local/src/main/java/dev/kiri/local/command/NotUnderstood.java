package dev.kiri.local.command;

/// What the user typed means nothing; the message says what is accepted.
final class NotUnderstood extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotUnderstood(String message) {
    super(message);
  }
}
