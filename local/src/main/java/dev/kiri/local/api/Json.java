package dev.kiri.local.api;

import dev.kiri.local.store.KubeObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// JSON as plain trees: one line for the wire, indented for people.
public final class Json {
  private static final JsonMapper LINE = JsonMapper.builder().build();
  private static final JsonMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  public static String line(@Nullable Object value) {
    return LINE.writeValueAsString(value);
  }

  public static String pretty(@Nullable Object value) {
    return PRETTY.writeValueAsString(value);
  }

  /// @throws tools.jackson.core.JacksonException where the text is no JSON object
  public static Map<String, Object> object(String text) {
    return KubeObject.asMap(LINE.readValue(text, Map.class));
  }
}
