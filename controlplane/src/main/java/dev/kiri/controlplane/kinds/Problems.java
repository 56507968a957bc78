package dev.kiri.controlplane.kinds;

import java.util.ArrayList;
import java.util.List;

/// Collects the problems of one document. Confined to the thread that decodes it.
final class Problems {
  private final Origin origin;
  private final List<Problem> found = new ArrayList<>();
  private String subject = "";

  Problems(Origin origin) {
    this.origin = origin;
  }

  void subject(String text) {
    subject = text;
  }

  void error(String field, String what, String accepted) {
    found.add(new Problem(Problem.Severity.ERROR, origin, subject, field, what, accepted));
  }

  void warning(String field, String what, String accepted) {
    found.add(new Problem(Problem.Severity.WARNING, origin, subject, field, what, accepted));
  }

  boolean anyError() {
    return found.stream().anyMatch(p -> p.severity() == Problem.Severity.ERROR);
  }

  List<Problem> all() {
    return List.copyOf(found);
  }
}
