package dev.kiri.waypoint.upstream;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What a request or connection is for, where the endpoint depends on it.
public interface Asked {
  /// Says nothing.
  Asked NOTHING =
      new Asked() {
        @Override
        public @Nullable String host() {
          return null;
        }

        @Override
        public @Nullable InetSocketAddress dialled() {
          return null;
        }
      };

  /// The host of the request, or the server name of the connection's TLS: lower case, without a
  /// port. Null when there is none.
  @Nullable String host();

  /// Whether it is a connection of bytes rather than a request.
  default boolean bytes() {
    return false;
  }

  /// Where the client connected to, as far as that is the service chosen for it; else null.
  @Nullable InetSocketAddress dialled();
}
