package dev.kiri.ops.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A reader over environment variables that collects all problems before it complains.
///
/// Each read returns a usable value, the default where the given one is malformed; [#finish] then
/// throws one [InvalidSettings] that names them all. A malformed value is reported as upstream
/// words it: `invalid env var NAME=value (reason)`. An empty value counts as absent for numbers,
/// flags and durations. Confined to one thread.
public final class Settings {
  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  private Settings(Map<String, String> environment) {
    this.environment = environment;
  }

  /// A reader over a copy of `environment`.
  public static Settings of(Map<String, String> environment) {
    return new Settings(Map.copyOf(environment));
  }

  /// The value as it stands, also when empty; null when absent.
  public @Nullable String optional(String name) {
    return environment.get(name);
  }

  /// The value as it stands, or `absent`.
  public String text(String name, String absent) {
    return environment.getOrDefault(name, absent);
  }

  /// The value; its absence is a problem.
  public String required(String name) {
    var value = environment.get(name);
    if (value == null || value.isEmpty()) {
      problem(name + " must be set");
      return "";
    }
    return value;
  }

  /// Exactly `true` or `false`.
  public boolean flag(String name, boolean absent) {
    return parsed(name, absent, Settings::parseFlag);
  }

  /// Exactly `true` or `false`; null when absent.
  public @Nullable Boolean optionalFlag(String name) {
    var value = environment.get(name);
    return value == null || value.isEmpty() ? null : flag(name, false);
  }

  /// A whole number within the bounds, both inclusive.
  public int integer(String name, int absent, int least, int most) {
    return parsed(
        name,
        absent,
        value -> {
          int number = Integer.parseInt(value);
          if (number < least || number > most) {
            throw new IllegalArgumentException("expected " + least + " to " + most);
          }
          return number;
        });
  }

  /// A duration such as `10s`, `5m`, `1h30m`, `250ms`.
  public Duration duration(String name, Duration absent) {
    return parsed(name, absent, Durations::parse);
  }

  /// A value of any type; `parser` refuses one by throwing [IllegalArgumentException] whose message
  /// says what it expects.
  public <T> T parsed(String name, T absent, Function<String, T> parser) {
    var value = environment.get(name);
    if (value == null || value.isEmpty()) {
      return absent;
    }
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException refused) {
      problem("invalid env var " + name + "=" + value + " (" + refused.getMessage() + ")");
      return absent;
    }
  }

  /// All variables whose name starts with `prefix`, without it.
  public Map<String, String> withPrefix(String prefix) {
    return environment.entrySet().stream()
        .filter(e -> e.getKey().startsWith(prefix) && e.getKey().length() > prefix.length())
        .collect(
            Collectors.toUnmodifiableMap(
                e -> e.getKey().substring(prefix.length()), Map.Entry::getValue));
  }

  /// Notes a problem found by the caller, such as two settings that exclude each other.
  public void problem(String text) {
    problems.add(text);
  }

  /// Throws if anything was wrong.
  public void finish() {
    if (!problems.isEmpty()) {
      throw new InvalidSettings(problems);
    }
  }

  private static Boolean parseFlag(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("expected true or false");
    };
  }
}
