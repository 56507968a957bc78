package dev.kiri.waypoint.http;

import io.netty.buffer.ByteBuf;

/// One end of a byte stream, as the stream feeds it. Confined to the stream's loop.
public interface StreamSide {
  /// Bytes of the peer, borrowed. Whoever takes them acknowledges them on the stream.
  void received(ByteBuf in);

  /// The peer ended its direction.
  void ended();

  void writable();

  /// The stream is gone. Nothing follows.
  void closed();

  /// Finish what is under way and take nothing new.
  void drain();

  /// To be called every ten seconds: ends what has not gone on for too long. Most sides wait for
  /// nobody.
  default void sweep() {}
}
