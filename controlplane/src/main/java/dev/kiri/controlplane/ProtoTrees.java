package dev.kiri.controlplane;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Messages as trees for inspection as JSON: field names as in the schema, addresses as text.
final class ProtoTrees {
  private ProtoTrees() {}

  static Map<String, Object> of(Message message) {
    Map<String, Object> tree = new LinkedHashMap<>();
    message
        .getAllFields()
        .forEach((field, value) -> tree.put(field.getJsonName(), value(field, value)));
    return tree;
  }

  private static Object value(FieldDescriptor field, Object value) {
    if (field.isMapField() && value instanceof List<?> entries) {
      Map<String, Object> map = new LinkedHashMap<>();
      for (Object entry : entries) {
        if (entry instanceof Message message) {
          var type = message.getDescriptorForType();
          FieldDescriptor valueField = type.findFieldByName("value");
          map.put(
              String.valueOf(message.getField(type.findFieldByName("key"))),
              single(message.getField(valueField)));
        }
      }
      return map;
    }
    if (value instanceof List<?> list) {
      List<Object> out = new ArrayList<>();
      list.forEach(each -> out.add(single(each)));
      return out;
    }
    return single(value);
  }

  private static Object single(Object value) {
    return switch (value) {
      case Message message -> of(message);
      case EnumValueDescriptor constant -> constant.getName();
      case ByteString bytes -> bytes(bytes);
      default -> value;
    };
  }

  private static String bytes(ByteString bytes) {
    if (bytes.size() == 4 || bytes.size() == 16) {
      try {
        return NetUtil.toAddressString(InetAddress.getByAddress(bytes.toByteArray()));
      } catch (UnknownHostException e) {
        throw new IllegalStateException("four or sixteen bytes are an address", e);
      }
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
