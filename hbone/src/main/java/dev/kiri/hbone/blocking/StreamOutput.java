package dev.kiri.hbone.blocking;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/// What is sent to the peer, unbuffered: each write goes to the tunnel at once.
final class StreamOutput extends OutputStream {
  private final Exchange exchange;

  StreamOutput(Exchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    if (length > 0) {
      exchange.send(Unpooled.wrappedBuffer(from, offset, length));
    }
  }
}
