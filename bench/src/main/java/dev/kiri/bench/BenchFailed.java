package dev.kiri.bench;

/// The run cannot go on; the message is all a user needs.
final class BenchFailed extends RuntimeException {
  BenchFailed(String message) {
    super(message);
  }
}
