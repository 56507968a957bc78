package dev.kiri.hbone.conformance;

/// One row of the table of wire cases: `id` is the row's number, or a letter and a number for what
/// the table takes for granted. Immutable.
public record WireCase(String id, String title, String expected, Check check) {

  /// Plays the case against the examined server. Blocking; what it throws is a failure.
  @FunctionalInterface
  public interface Check {
    Outcome examine(ServerSubject subject) throws Exception;
  }

  /// Runs the check; never throws.
  public Outcome run(ServerSubject subject) {
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
