package dev.kiri.waypoint.config;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Looks for what this build does not know: fields and enum values of a newer schema. Leaving them
/// out could widen a policy or a match, so whoever finds one refuses the resource.
final class UnknownFields {
  private UnknownFields() {}

  /// The first unknown thing, as a path and what it is; null when everything is known.
  static @Nullable String find(Message message) {
    return find(message, "");
  }

  private static @Nullable String find(Message message, String at) {
    for (int number : message.getUnknownFields().asMap().keySet()) {
      return (at.isEmpty() ? "" : at + ": ") + "unknown field number " + number;
    }
    for (var entry : message.getAllFields().entrySet()) {
      String name = at.isEmpty() ? entry.getKey().getName() : at + "." + entry.getKey().getName();
      if (entry.getValue() instanceof List<?> values) {
        for (int i = 0; i < values.size(); i++) {
          String found = inValue(values.get(i), name + "[" + i + "]");
          if (found != null) {
            return found;
          }
        }
      } else {
        String found = inValue(entry.getValue(), name);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static @Nullable String inValue(Object value, String at) {
    return switch (value) {
      case Message nested -> find(nested, at);
      case EnumValueDescriptor chosen when chosen.getIndex() < 0 ->
          at + ": unknown value " + chosen.getNumber();
      default -> null;
    };
  }
}
