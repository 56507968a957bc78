package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// Says who is connected before its handler says anything. Confined to the stream's loop.
final class Announcing implements StreamHandler {
  private final StreamHandler handler;
  private final byte[] header;

  Announcing(StreamHandler handler, Announced announced) {
    this.handler = handler;
    this.header = announced.header();
  }

  @Override
  public void opened(HboneStream stream, ConnectResponse response) {
    if (response.accepted() && !stream.write(Unpooled.wrappedBuffer(header))) {
      stream.reset(H2Error.CANCEL); // a new stream takes as much as this; `closed` follows
      return;
    }
    handler.opened(stream, response);
  }

  @Override
  public void data(ByteBuf borrowed) {
    handler.data(borrowed);
  }

  @Override
  public void dataComplete() {
    handler.dataComplete();
  }

  @Override
  public void end() {
    handler.end();
  }

  @Override
  public void writable() {
    handler.writable();
  }

  @Override
  public void closed(StreamClosed why) {
    handler.closed(why);
  }
}
