package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;

/// Passes everything on; for subclasses that want to see one event. Confined to the stream's loop.
abstract class ForwardingStreamHandler implements StreamHandler {
  private final StreamHandler next;

  ForwardingStreamHandler(StreamHandler next) {
    this.next = next;
  }

  @Override
  public void opened(HboneStream stream, ConnectResponse response) {
    next.opened(stream, response);
  }

  @Override
  public void data(ByteBuf borrowed) {
    next.data(borrowed);
  }

  @Override
  public void dataComplete() {
    next.dataComplete();
  }

  @Override
  public void end() {
    next.end();
  }

  @Override
  public void writable() {
    next.writable();
  }

  @Override
  public void closed(StreamClosed why) {
    next.closed(why);
  }
}
