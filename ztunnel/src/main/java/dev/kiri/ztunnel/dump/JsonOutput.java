package dev.kiri.ztunnel.dump;

import java.io.IOException;
import java.io.Writer;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Writes JSON as it comes: two spaces of indentation, keys in alphabetical order. Values are
/// texts, numbers, booleans, null, maps with text keys, iterables (written one element at a time)
/// and suppliers of such values (asked when their turn comes). Confined to one thread.
final class JsonOutput {
  private final Writer out;

  JsonOutput(Writer out) {
    this.out = out;
  }

  void write(@Nullable Object value) throws IOException {
    write(value, 0);
  }

  private void write(@Nullable Object value, int depth) throws IOException {
    switch (value) {
      case null -> out.write("null");
      case Map<?, ?> object -> object(object, depth);
      case Iterable<?> array -> array(array.iterator(), depth);
      case Supplier<?> later -> write(later.get(), depth);
      case Number number -> out.write(number.toString());
      case Boolean truth -> out.write(truth.toString());
      default -> text(value.toString());
    }
  }

  private void object(Map<?, ?> object, int depth) throws IOException {
    if (object.isEmpty()) {
      out.write("{}");
      return;
    }
    var sorted = new TreeMap<String, @Nullable Object>();
    object.forEach((key, value) -> sorted.put(String.valueOf(key), value));
    char separator = '{';
    for (var entry : sorted.entrySet()) {
      out.write(separator);
      separator = ',';
      line(depth + 1);
      text(entry.getKey());
      out.write(": ");
      write(entry.getValue(), depth + 1);
    }
    line(depth);
    out.write('}');
  }

  private void array(Iterator<?> elements, int depth) throws IOException {
    if (!elements.hasNext()) {
      out.write("[]");
      return;
    }
    char separator = '[';
    while (elements.hasNext()) {
      out.write(separator);
      separator = ',';
      line(depth + 1);
      write(elements.next(), depth + 1);
    }
    line(depth);
    out.write(']');
  }

  private void line(int depth) throws IOException {
    out.write('\n');
    for (int i = 0; i < depth; i++) {
      out.write("  ");
    }
  }

  private void text(String text) throws IOException {
    out.write('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.write("\\\"");
        case '\\' -> out.write("\\\\");
        case '\n' -> out.write("\\n");
        case '\r' -> out.write("\\r");
        case '\t' -> out.write("\\t");
        default -> {
          if (c < 0x20) {
            out.write(String.format("\\u%04x", (int) c));
          } else {
            out.write(c);
          }
        }
      }
    }
    out.write('"');
  }
}
