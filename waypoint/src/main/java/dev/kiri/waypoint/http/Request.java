package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Head;
import io.netty.buffer.ByteBuf;

/// A request under way, as the client's side of the protocol feeds it. Confined to its loop.
public interface Request {
  void body(ByteBuf payload);

  void end();

  void trailers(Head trailers);

  /// More of the answer can be sent after a [Downstream#body] that said false.
  void clientWritable();

  /// The client gave up, or its connection is gone. Nothing follows.
  void clientGone();
}
