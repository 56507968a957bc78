package dev.kiri.redirect.agent;

/// What came of dealing with an event.
sealed interface Outcome {
  /// It is done, or there was nothing to do.
  record Done() implements Outcome {}

  /// It failed and may succeed later.
  record TryAgain(String why) implements Outcome {}

  /// It failed and will not succeed by repeating it; another event or the next reconciliation will
  /// look again.
  record GaveUp(String why) implements Outcome {}
}
