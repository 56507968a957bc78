package dev.kiri.controlplane.kinds;

/// One thing that is wrong with one document.
///
/// @param severity an ERROR refuses the object, a WARNING does not
/// @param subject kind and name of the object as far as known
/// @param field path of the field, e.g. `spec.rules[0].backendRefs[1].port`; `document` for the
///     document as a whole
/// @param found what stands there
/// @param accepted what would be accepted
public record Problem(
    Severity severity, Origin origin, String subject, String field, String found, String accepted) {
  /// How much a problem weighs.
  public enum Severity {
    ERROR,
    WARNING
  }

  /// One line for a log or a terminal.
  public String message() {
    String head = severity == Severity.ERROR ? "error" : "warning";
    String of = subject.isEmpty() ? "" : " (" + subject + ")";
    return head + ": " + origin + of + ": " + text();
  }

  /// The part of the message that does not name the document: field, found, accepted.
  public String text() {
    return field + ": found " + found + ", accepted: " + accepted;
  }
}
