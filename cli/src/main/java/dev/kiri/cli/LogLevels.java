package dev.kiri.cli;

import dev.kiri.cli.output.CommandFailed;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/// The levels a user may ask for, in the words a proxy understands: `scope=level`, and no
/// `warning` or `critical`. Pure.
final class LogLevels {
  private static final List<String> WORDS =
      List.of("trace", "debug", "info", "warning", "warn", "error", "critical", "off");

  private LogLevels() {}

  /// For help and completion.
  static final class Words implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return WORDS.iterator();
    }
  }

  /// @throws CommandFailed naming the first level nobody knows
  static String translated(String levels) {
    return Arrays.stream(levels.split(",", -1))
        .map(LogLevels::clause)
        .collect(Collectors.joining(","));
  }

  /// `level`, `scope:level` or `scope=level`, where the scope's own parts are joined by `::`.
  private static String clause(String clause) {
    var parts = clause.split("::", -1);
    var last = parts[parts.length - 1];
    var scopeAndLevel = last.split("[:=]", 2);
    if (scopeAndLevel.length == 1) {
      if (parts.length > 1) {
        throw unknown(clause);
      }
      return level(clause);
    }
    var scope = clause.substring(0, clause.length() - scopeAndLevel[1].length() - 1);
    return scope + "=" + level(scopeAndLevel[1]);
  }

  private static String level(String word) {
    if (!WORDS.contains(word)) {
      throw unknown(word);
    }
    return switch (word) {
      case "warning" -> "warn";
      case "critical" -> "error";
      default -> word;
    };
  }

  private static CommandFailed unknown(String word) {
    return CommandFailed.because("unrecognized logging level: " + word);
  }
}
