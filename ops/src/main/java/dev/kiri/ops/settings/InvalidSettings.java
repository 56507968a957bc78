package dev.kiri.ops.settings;

import java.util.List;

/// Thrown once, after all settings were read, when at least one of them cannot be used. The message
/// lists every problem on a line of its own.
public final class InvalidSettings extends RuntimeException {
  private final transient List<String> problems;

  InvalidSettings(List<String> problems) {
    super(String.join("\n", problems), null, false, false);
    this.problems = List.copyOf(problems);
  }

  /// What was wrong, in the order in which the settings were read; never empty.
  public List<String> problems() {
    return problems;
  }
}
