package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Head;
import io.netty.buffer.ByteBuf;

/// The endpoint's side of one request. Confined to its loop. Calls after the end or a failure are
/// ignored.
public interface Upstream {
  /// Sends the request's head; to be called once, first.
  void send(Head head, boolean end);

  /// Sends payload; all of it is taken. False: hold further payload back until
  /// [Response#endpointWritable()].
  boolean body(ByteBuf payload);

  void end();

  void trailers(Head trailers);

  /// Nobody waits for the answer any more.
  void cancel();

  /// This many bytes of the answer's payload have gone on.
  void consumed(int bytes);
}
