package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Head;
import io.netty.buffer.ByteBuf;

/// An answer under way, as the endpoint's side of the protocol feeds it. Confined to its loop.
public interface Response {
  /// An interim answer (1xx but 101). The head is borrowed.
  void informed(Head head);

  /// The answer's head, without hop-by-hop fields; borrowed. Status 101: raw bytes follow.
  void head(Head head, boolean end);

  void body(ByteBuf payload);

  void end();

  void trailers(Head trailers);

  /// More of the request can be sent after an [Upstream#body] that said false.
  void endpointWritable();

  /// There will be no (further) answer. Nothing follows.
  void failed(UpstreamFailure failure);
}
