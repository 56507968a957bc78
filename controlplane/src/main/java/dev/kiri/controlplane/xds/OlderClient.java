package dev.kiri.controlplane.xds;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/// Puts resources so that a client of an earlier revision understands them. Thread-safe, pure.
@FunctionalInterface
public interface OlderClient {
  /// A resource in its words.
  ///
  /// @param message encoded
  /// @param lost what it cannot be told, for people; said of the object that the resource is of
  record Put(ByteString message, String lost) {}

  /// The resource in the client's words; null where it understands the resource as it is, and where
  /// it has to refuse it as a whole.
  @Nullable Put put(ByteString message);
}
