package dev.kiri.redirect.agent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How far a pod is enrolled, as its annotation says. The agent writes it last of all.
public enum Redirection {
  /// Not captured.
  NONE(null),
  /// The rules are in place, but ztunnel was not told yet.
  PENDING("pending"),
  /// Captured.
  ENABLED("enabled");

  private final @Nullable String text;

  Redirection(@Nullable String text) {
    this.text = text;
  }

  /// The annotation's value; null when there is none.
  public @Nullable String text() {
    return text;
  }

  /// What the annotations say. Any other value, such as the retired `disabled`, is none.
  static Redirection of(Map<String, String> annotations) {
    var value = annotations.get(MeshLabels.REDIRECTION);
    for (var candidate : values()) {
      if (candidate.text != null && candidate.text.equals(value)) {
        return candidate;
      }
    }
    return NONE;
  }
}
