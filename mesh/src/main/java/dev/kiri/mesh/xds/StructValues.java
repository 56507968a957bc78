package dev.kiri.mesh.xds;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// From plain values, as JSON has them, to `google.protobuf.Struct`.
final class StructValues {
  private StructValues() {}

  static Struct struct(Map<String, ? extends @Nullable Object> map) {
    var struct = Struct.newBuilder();
    map.forEach((key, value) -> struct.putFields(key, value(value)));
    return struct.build();
  }

  private static Value value(@Nullable Object value) {
    var wire = Value.newBuilder();
    return switch (value) {
      case null -> wire.setNullValue(NullValue.NULL_VALUE).build();
      case Boolean truth -> wire.setBoolValue(truth).build();
      case Number number -> wire.setNumberValue(number.doubleValue()).build();
      case String text -> wire.setStringValue(text).build();
      case List<?> list -> wire.setListValue(list(list)).build();
      case Map<?, ?> map -> wire.setStructValue(nested(map)).build();
      default ->
          throw new IllegalArgumentException(
              "node metadata cannot hold a " + value.getClass().getName());
    };
  }

  private static ListValue list(List<?> list) {
    var wire = ListValue.newBuilder();
    list.forEach(each -> wire.addValues(value(each)));
    return wire.build();
  }

  private static Struct nested(Map<?, ?> map) {
    var struct = Struct.newBuilder();
    map.forEach((key, each) -> struct.putFields(String.valueOf(key), value(each)));
    return struct.build();
  }
}
