package dev.kiri.hbone.conformance;

/// One row of the table of wire cases: `id` is the row's number, or a letter and a number for what
/// the table takes for granted. Immutable.
///
/// @param <S> what the check talks to: a [ServerSubject] or a [ClientExam]
public record WireCase<S>(String id, String title, String expected, Check<S> check) {

  /// Plays the case against the examined side. Blocking; what it throws is a failure.
  @FunctionalInterface
  public interface Check<S> {
    Outcome examine(S subject) throws Exception;
  }

  /// Runs the check; never throws.
  public Outcome run(S subject) {
    try {
      return check.examine(subject);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return new Outcome.Failed(String.valueOf(e));
    }
  }

  /// The name of the row.
  @Override
  public String toString() {
    return id + " " + title;
  }
}
