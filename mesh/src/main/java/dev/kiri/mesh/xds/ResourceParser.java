package dev.kiri.mesh.xds;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.kiri.mesh.wire.InvalidResource;

/// Reads the payload of a resource. Called on the client's thread; must not keep the bytes.
@FunctionalInterface
public interface ResourceParser<T> {

  /// Turns the payload into the form a handler wants.
  ///
  /// @param name the name the resource was sent under
  /// @throws InvalidProtocolBufferException if the bytes are not of the type
  /// @throws InvalidResource if they are, but say something that cannot be accepted
  T parse(String name, ByteString payload) throws InvalidProtocolBufferException, InvalidResource;

  /// The parser of a generated message, as it is.
  static <M extends MessageLite> ResourceParser<M> of(Parser<M> parser) {
    return (_, payload) -> parser.parseFrom(payload);
  }
}
