package dev.kiri.mesh.policy;

import java.util.List;
import java.util.function.Predicate;

/// The alternatives of one field of a match, and those of them that could not be read.
///
/// A field with nothing but unreadable values counts as declared: it constrains, we only do not
/// know to what.
///
/// @param unreadable what was found in place of a value, for the log
public record FieldValues<T>(List<T> values, List<String> unreadable) {

  public FieldValues {
    values = List.copyOf(values);
    unreadable = List.copyOf(unreadable);
  }

  public static <T> FieldValues<T> none() {
    return new FieldValues<>(List.of(), List.of());
  }

  public static <T> FieldValues<T> of(List<T> values) {
    return new FieldValues<>(values, List.of());
  }

  public boolean isDeclared() {
    return !values.isEmpty() || !unreadable.isEmpty();
  }

  /// Whether any value holds.
  Truth any(Predicate<? super T> holds) {
    for (T value : values) {
      if (holds.test(value)) {
        return Truth.YES;
      }
    }
    return unreadable.isEmpty() ? Truth.NO : Truth.UNKNOWN;
  }
}
