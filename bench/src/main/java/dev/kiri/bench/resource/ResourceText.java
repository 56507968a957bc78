package dev.kiri.bench.resource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Reads a text of this program's own.
public final class ResourceText {
  private ResourceText() {}

  /// The text that lies beside a class by this name.
  ///
  /// @throws IllegalStateException if there is none: the build is broken
  public static String beside(Class<?> type, String name) {
    try (var in = type.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing beside " + type.getName());
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
