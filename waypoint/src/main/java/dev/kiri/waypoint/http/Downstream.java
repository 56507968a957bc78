package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Head;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/// The client's side of one request: what the proxy may do to it. Confined to its loop. Calls after
/// the end are ignored.
public interface Downstream {
  EventLoop loop();

  boolean http2();

  /// Sends an interim answer (1xx but 101).
  void inform(Head head);

  /// Sends the head of the answer. With status 101 the stream carries raw bytes from here on.
  void respond(Head head, boolean end);

  /// Sends payload; all of it is taken. False: hold further payload back until
  /// [Request#clientWritable()].
  boolean body(ByteBuf payload);

  void end();

  /// Ends the answer with trailers; dropped on HTTP/1.1.
  void trailers(Head trailers);

  /// The answer cannot be completed: the client sees a broken message, never a short one that looks
  /// whole.
  void abort();

  /// This many bytes of request payload have gone on.
  void consumed(int bytes);
}
