package dev.kiri.hbone.conformance;

/// What a case found; `observed` is one line.
public sealed interface Outcome {
  String observed();

  record Passed(String observed) implements Outcome {}

  record Failed(String observed) implements Outcome {}

  /// The case needs something that the examined side was not given.
  record Skipped(String observed) implements Outcome {}

  static Outcome of(boolean asExpected, Object observed) {
    return asExpected ? new Passed(String.valueOf(observed)) : new Failed(String.valueOf(observed));
  }
}
