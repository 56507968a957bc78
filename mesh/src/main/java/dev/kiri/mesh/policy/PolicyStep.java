package dev.kiri.mesh.policy;

import org.jspecify.annotations.Nullable;

/// One step on the way to a verdict, worth a log line or a line of explanation.
///
/// @param policy `namespace/name`; absent where the step is about no single policy
/// @param detail which rule decided, which condition could not be read, or which policies did not
///     match
public record PolicyStep(Kind kind, @Nullable String policy, @Nullable String detail) {

  /// What happened. The texts are those upstream logs.
  public enum Kind {
    UNKNOWN_POLICY("skipping unknown policy"),
    DRY_RUN_DENY_MATCH("dry-run: deny policy match"),
    DENY_MATCH("deny policy match"),
    DRY_RUN_ALLOW_MATCH("dry-run: allow policy match"),
    DRY_RUN_NO_ALLOW_MATCH("dry-run: no allow policies match"),
    NO_ALLOW_POLICIES("no allow policies, allow"),
    ALLOW_MATCH("allow policy match"),
    NO_ALLOW_MATCH("no allow policies matched");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /// The log message without the policy's name, which belongs in a field of its own.
  public String text() {
    return kind.text();
  }
}
