package dev.kiri.cli.dump;

/// What was read is no dump of a node proxy; the message says why.
public final class UnreadableDump extends RuntimeException {
  UnreadableDump(String message) {
    super(message);
  }
}
