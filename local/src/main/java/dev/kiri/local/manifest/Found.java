package dev.kiri.local.manifest;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Says in a few words what stands in a document. Pure.
final class Found {
  private static final int LONGEST = 60;

  private Found() {}

  static String of(@Nullable Object value) {
    return switch (value) {
      case null -> "nothing";
      case Map<?, ?> map ->
          "an object with "
              + (map.isEmpty()
                  ? "no fields"
                  : "fields "
                      + cut(
                          String.join(", ", map.keySet().stream().map(String::valueOf).toList())));
      case List<?> list -> "a list of " + list.size();
      case String text -> '"' + cut(text) + '"';
      default -> cut(value.toString());
    };
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
