package dev.kiri.local.manifest;

import dev.kiri.local.manifest.Problem.Severity;
import java.util.List;

/// Collects the problems of one document. Confined to one check.
final class Report {
  private final Origin origin;
  private final String object;
  private final List<Problem> problems;
  private int errors;

  Report(Origin origin, String object, List<Problem> problems) {
    this.origin = origin;
    this.object = object;
    this.problems = problems;
  }

  void error(String field, String found, String accepted) {
    errors++;
    problems.add(new Problem(Severity.ERROR, origin, object, field, found, accepted));
  }

  void warning(String field, String found, String accepted) {
    problems.add(new Problem(Severity.WARNING, origin, object, field, found, accepted));
  }

  void unresolved(String field, String found, String accepted) {
    problems.add(new Problem(Severity.UNRESOLVED, origin, object, field, found, accepted));
  }

  int errors() {
    return errors;
  }
}
