package dev.kiri.controlplane.waypointconfig;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.kiri.controlplane.xds.OlderClient;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Says to a waypoint of an earlier revision what of its configuration it cannot do. What is newer
/// is taken out, and the innermost rule, filter, backend or traffic policy around it becomes
/// invalid, which every revision answers with an error: never is something done without a condition
/// or a check that was asked for. Where nothing around it can be invalid (as in an
/// AuthorizationPolicy) the resource stays as it is, and the waypoint itself refuses it.
final class OlderSchema implements OlderClient {
  /// Names the field that marks a message as one which cannot be honoured.
  private static final String INVALID = "invalid";

  private static final String REASON = "UnsupportedValue";

  private final int revision;
  private final ToIntFunction<GenericDescriptor> since;

  /// @param since the first revision that has a field or a value
  OlderSchema(int revision, ToIntFunction<GenericDescriptor> since) {
    this.revision = revision;
    this.since = since;
  }

  /// For a client of that revision; null where it knows all that this build does.
  static @Nullable OlderSchema of(int revision) {
    int known = Math.max(1, revision);
    return known >= Schema.getDescriptor().getOptions().getExtension(Schema.revision)
        ? null
        : new OlderSchema(known, OlderSchema::since);
  }

  private static int since(GenericDescriptor descriptor) {
    return switch (descriptor) {
      case FieldDescriptor field -> field.getOptions().getExtension(Schema.since);
      case EnumValueDescriptor value -> value.getOptions().getExtension(Schema.valueSince);
      default -> 0;
    };
  }

  @Override
  public @Nullable Put put(ByteString message) {
    Resource.Builder resource;
    try {
      resource = Resource.parseFrom(message).toBuilder();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not of this control plane", e);
    }
    List<String> said = new ArrayList<>();
    List<String> left = takeOut(resource, "", said);
    return said.isEmpty() || !left.isEmpty()
        ? null
        : new Put(resource.build().toByteString(), String.join("; ", said));
  }

  /// Takes out what is newer, and returns what nothing inside has answered for.
  private List<String> takeOut(Message.Builder message, String at, List<String> said) {
    List<String> newer = new ArrayList<>();
    for (FieldDescriptor field : List.copyOf(message.getAllFields().keySet())) {
      String name = at.isEmpty() ? field.getName() : at + "." + field.getName();
      if (since.applyAsInt(field) > revision) {
        message.clearField(field);
        newer.add(needs(name, since.applyAsInt(field)));
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        for (int i = 0; i < (field.isRepeated() ? message.getRepeatedFieldCount(field) : 1); i++) {
          newer.addAll(
              field.isRepeated()
                  ? takeOut(message.getRepeatedFieldBuilder(field, i), name + "[" + i + "]", said)
                  : takeOut(message.getFieldBuilder(field), name, said));
        }
      } else if (!field.isRepeated()
          && message.getField(field) instanceof EnumValueDescriptor value
          && since.applyAsInt(value) > revision) {
        message.clearField(field);
        newer.add(needs(name + " " + value.getName(), since.applyAsInt(value)));
      }
    }
    FieldDescriptor invalid = message.getDescriptorForType().findFieldByName(INVALID);
    if (newer.isEmpty() || invalid == null) {
      return newer;
    }
    String text = String.join("; ", newer);
    message.setField(invalid, Invalid.newBuilder().setReason(REASON).setMessage(text).build());
    said.add(text);
    return List.of();
  }

  private String needs(String what, int wanted) {
    return "%s needs revision %d of the waypoint's configuration, and this waypoint knows %d: run the one of this control plane's version"
        .formatted(what, wanted, revision);
  }
}
