package dev.kiri.waypoint.http;

import io.netty.buffer.ByteBuf;

/// Writes payload as chunks.
final class Chunks {
  private Chunks() {}

  static boolean write(StreamOutput out, ByteBuf payload) {
    int bytes = payload.readableBytes();
    if (bytes == 0) {
      return !out.blocked();
    }
    HeadWriter.chunkSize(bytes, out.gather());
    out.write(payload);
    HeadWriter.endOfChunk(out.gather());
    return !out.blocked();
  }
}
