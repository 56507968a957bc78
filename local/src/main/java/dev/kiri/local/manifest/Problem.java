package dev.kiri.local.manifest;

/// One thing wrong with a manifest.
///
/// @param object kind and name of the object, empty where not even that can be told
/// @param field path such as `spec.ports[0].port`; empty for the document as a whole
/// @param found what stands there
/// @param accepted what may stand there
public record Problem(
    Severity severity, Origin origin, String object, String field, String found, String accepted) {

  /// What a problem means for the command that met it.
  public enum Severity {
    /// The manifest is not taken.
    ERROR,
    /// The manifest is taken, but part of it does nothing.
    WARNING,
    /// Nothing is started with it; in a running mesh it is taken and its status says what is wrong.
    UNRESOLVED
  }

  /// The same, for a mesh that takes the manifest nevertheless.
  public Problem asWarning() {
    return new Problem(Severity.WARNING, origin, object, field, found, accepted);
  }

  @Override
  public String toString() {
    var out = new StringBuilder(severity == Severity.WARNING ? "warning: " : "error: ");
    out.append(origin);
    if (!object.isEmpty()) {
      out.append(" (").append(object).append(')');
    }
    if (!field.isEmpty()) {
      out.append(": ").append(field);
    }
    return out.append(": found ").append(found).append("; accepted: ").append(accepted).toString();
  }
}
