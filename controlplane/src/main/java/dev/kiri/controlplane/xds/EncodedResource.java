package dev.kiri.controlplane.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.kiri.mesh.proto.discovery.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// A resource encoded once for all clients. Its version is a hash of its bytes, so equal content
/// has an equal version in every process and at every time. Immutable; equality is by name, version
/// and aliases.
public final class EncodedResource {
  private static final int VERSION_BYTES = 8;

  private final Resource wire;
  private final Set<String> services;
  private final String node;

  private EncodedResource(Resource wire, Set<String> services, String node) {
    this.wire = wire;
    this.services = services;
    this.node = node;
  }

  /// Encodes a message.
  ///
  /// @param aliases other names under which it can be asked for
  /// @param services names of services it belongs to: who asks for one of them gets this too
  /// @param node clients on this node get it unasked; empty for none
  public static EncodedResource of(
      String typeUrl,
      String name,
      Message message,
      List<String> aliases,
      Set<String> services,
      String node) {
    byte[] bytes = bytes(message);
    Resource wire =
        Resource.newBuilder()
            .setName(name)
            .setVersion(version(bytes))
            .addAllAliases(aliases)
            .setResource(Any.newBuilder().setTypeUrl(typeUrl).setValue(ByteString.copyFrom(bytes)))
            .build();
    // memoises the size, which every response to every client needs
    var _ = wire.getSerializedSize();
    return new EncodedResource(wire, Set.copyOf(services), node);
  }

  /// The resource's name on the wire.
  public String name() {
    return wire.getName();
  }

  /// Hash of the content, in hexadecimal.
  public String version() {
    return wire.getVersion();
  }

  /// Other names under which it can be asked for.
  public List<String> aliases() {
    return wire.getAliasesList();
  }

  /// The message as it stands in a response.
  public Resource wire() {
    return wire;
  }

  /// The encoded message itself.
  public ByteString bytes() {
    return wire.getResource().getValue();
  }

  Set<String> services() {
    return services;
  }

  String node() {
    return node;
  }

  int size() {
    return wire.getSerializedSize();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EncodedResource that
        && name().equals(that.name())
        && version().equals(that.version())
        && aliases().equals(that.aliases());
  }

  @Override
  public int hashCode() {
    return Objects.hash(name(), version());
  }

  @Override
  public String toString() {
    return name() + "@" + version();
  }

  /// Maps inside messages are written in the order of their keys, so that equal means equal bytes.
  private static byte[] bytes(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("encoding into an array", e);
    }
    return bytes;
  }

  private static String version(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(hash, 0, VERSION_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
