package dev.kiri.mesh.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// The fields of one object of a file, taken one by one; what nobody took is an error. For one
/// thread.
final class Fields {
  private final Node node;
  private final String path;
  private final Map<String, Node> left = new LinkedHashMap<>();
  private final List<String> known = new ArrayList<>();

  private Fields(Node node, String path) {
    this.node = node;
    this.path = path;
  }

  /// Turns the text of one value into what it means; fails with [IllegalArgumentException].
  @FunctionalInterface
  interface Reading<T> extends Function<String, T> {}

  /// Reads something from the fields of an object.
  @FunctionalInterface
  interface ObjectReading<T> {
    T read(Fields fields) throws InvalidMeshFile;
  }

  /// Reads something from a node of any kind.
  @FunctionalInterface
  interface NodeReading<T> {
    T read(Node node, String path) throws InvalidMeshFile;
  }

  /// Reads a whole object and refuses fields nobody asked for.
  static <T> T object(Node node, String path, ObjectReading<T> reading) throws InvalidMeshFile {
    if (!(node instanceof MappingNode mapping)) {
      throw InvalidMeshFile.at(node, path, "expected an object");
    }
    var fields = new Fields(node, path);
    for (var entry : mapping.getValue()) {
      String name = scalar(entry.getKeyNode(), path);
      if (fields.left.put(name, entry.getValueNode()) != null) {
        throw InvalidMeshFile.at(entry.getKeyNode(), fields.at(name), "written twice");
      }
    }
    T result = reading.read(fields);
    for (var unknown : fields.left.entrySet()) {
      throw InvalidMeshFile.at(
          unknown.getValue(),
          fields.at(unknown.getKey()),
          "unknown field, accepted: " + String.join(", ", fields.known));
    }
    return result;
  }

  static String scalar(Node node, String path) throws InvalidMeshFile {
    if (node instanceof ScalarNode scalar) {
      return scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue();
    }
    throw InvalidMeshFile.at(node, path, "expected a single value");
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private @Nullable Node take(String name) {
    known.add(name);
    var taken = left.remove(name);
    return taken instanceof ScalarNode scalar && scalar.getTag().equals(Tag.NULL) ? null : taken;
  }

  private Node need(String name) throws InvalidMeshFile {
    var taken = take(name);
    if (taken == null) {
      throw InvalidMeshFile.at(node, at(name), "missing");
    }
    return taken;
  }

  String text(String name, String otherwise) throws InvalidMeshFile {
    var taken = take(name);
    return taken == null ? otherwise : scalar(taken, at(name));
  }

  String text(String name) throws InvalidMeshFile {
    return scalar(need(name), at(name));
  }

  <T> @Nullable T value(String name, Reading<T> reading) throws InvalidMeshFile {
    var taken = take(name);
    return taken == null ? null : value(taken, at(name), reading);
  }

  static <T> T value(Node node, String path, Reading<T> reading) throws InvalidMeshFile {
    String text = scalar(node, path);
    try {
      return reading.apply(text);
    } catch (IllegalArgumentException bad) {
      throw InvalidMeshFile.at(node, path, "found `" + text + "`: " + bad.getMessage());
    }
  }

  boolean flag(String name, boolean otherwise) throws InvalidMeshFile {
    var read = value(name, Fields::truth);
    return read == null ? otherwise : read;
  }

  boolean flag(String name) throws InvalidMeshFile {
    return value(need(name), at(name), Fields::truth);
  }

  private static boolean truth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("accepted: true, false");
    };
  }

  int number(String name, int otherwise) throws InvalidMeshFile {
    var read = value(name, Fields::number);
    return read == null ? otherwise : read;
  }

  static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException bad) {
      throw new IllegalArgumentException("expected a number", bad);
    }
  }

  <E extends Enum<E>> E one(String name, Map<String, E> accepted, E otherwise)
      throws InvalidMeshFile {
    var read = value(name, text -> oneOf(text, accepted));
    return read == null ? otherwise : read;
  }

  <E extends Enum<E>> E one(String name, Map<String, E> accepted) throws InvalidMeshFile {
    return value(need(name), at(name), text -> oneOf(text, accepted));
  }

  static <E extends Enum<E>> E oneOf(String text, Map<String, E> accepted) {
    var found = accepted.get(text);
    if (found == null) {
      throw new IllegalArgumentException(
          "accepted: " + accepted.keySet().stream().sorted().collect(Collectors.joining(", ")));
    }
    return found;
  }

  <T> @Nullable T object(String name, ObjectReading<T> reading) throws InvalidMeshFile {
    var taken = take(name);
    return taken == null ? null : object(taken, at(name), reading);
  }

  <T> List<T> values(String name, Reading<T> reading) throws InvalidMeshFile {
    return list(name, (each, where) -> value(each, where, reading));
  }

  <T> List<T> list(String name, NodeReading<T> reading) throws InvalidMeshFile {
    var taken = take(name);
    return taken == null ? List.of() : list(taken, at(name), reading);
  }

  <T> List<T> neededList(String name, NodeReading<T> reading) throws InvalidMeshFile {
    return list(need(name), at(name), reading);
  }

  static <T> List<T> list(Node node, String path, NodeReading<T> reading) throws InvalidMeshFile {
    if (!(node instanceof SequenceNode sequence)) {
      throw InvalidMeshFile.at(node, path, "expected a list");
    }
    var result = new ArrayList<T>();
    for (var each : sequence.getValue()) {
      result.add(reading.read(each, path + "[" + result.size() + "]"));
    }
    return result;
  }

  /// An object whose field names are data.
  <T> Map<String, T> map(String name, NodeReading<T> reading) throws InvalidMeshFile {
    var taken = take(name);
    return taken == null ? Map.of() : map(taken, at(name), reading);
  }

  static <T> Map<String, T> map(Node node, String path, NodeReading<T> reading)
      throws InvalidMeshFile {
    if (!(node instanceof MappingNode mapping)) {
      throw InvalidMeshFile.at(node, path, "expected an object");
    }
    var result = new LinkedHashMap<String, T>();
    for (var entry : mapping.getValue()) {
      String key = scalar(entry.getKeyNode(), path);
      result.put(key, reading.read(entry.getValueNode(), path + "." + key));
    }
    return result;
  }

  /// The names of constants as dumps spell them: `HOST_NETWORK` as `HostNetwork`.
  static <E extends Enum<E>> Map<String, E> spelled(Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .collect(Collectors.toMap(Fields::spelling, Function.identity()));
  }

  private static String spelling(Enum<?> constant) {
    return Arrays.stream(constant.name().split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
