package dev.kiri.mesh.store;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A cell of an index that nearly always holds one value: the value itself, or an array of
/// several, or null.
///
/// Saves a list for each of a hundred thousand addresses.
final class OneOrMany {
  private OneOrMany() {}

  /// The values of a cell, oldest first.
  @SuppressWarnings("unchecked")
  static <T> List<T> list(@Nullable Object cell) {
    return switch (cell) {
      case null -> List.of();
      case Object[] many -> (List<T>) Arrays.asList(many);
      case Object one -> List.of((T) one);
    };
  }

  static Object with(@Nullable Object cell, Object value) {
    return switch (cell) {
      case null -> value;
      case Object[] many -> {
        var more = Arrays.copyOf(many, many.length + 1);
        more[many.length] = value;
        yield more;
      }
      case Object one -> new Object[] {one, value};
    };
  }

  /// The cell without the values that the predicate names; null if nothing is left.
  static <T> @Nullable Object without(@Nullable Object cell, Predicate<T> gone) {
    List<T> left = OneOrMany.<T>list(cell).stream().filter(gone.negate()).toList();
    return switch (left.size()) {
      case 0 -> null;
      case 1 -> left.getFirst();
      default -> left.toArray();
    };
  }
}
