package dev.kiri.bench.hbone;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.server.IncomingConnect;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// A stream's accepting end that swallows what comes and ends when the other one does.
class Passing implements StreamHandler {
  private @Nullable HboneStream stream;

  static void accept(IncomingConnect incoming) {
    var handler = new Passing();
    handler.stream = incoming.accept(ConnectResponse.OK, handler);
  }

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {
    stream = opened;
  }

  @Override
  public void data(ByteBuf borrowed) {
    var open = stream;
    if (open != null) {
      open.acknowledge(borrowed.readableBytes());
    }
  }

  @Override
  public void end() {
    var open = stream;
    if (open != null) {
      open.end();
    }
  }

  @Override
  public void writable() {}

  @Override
  public void closed(StreamClosed why) {}
}
