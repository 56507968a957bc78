package dev.kiri.hbone.blocking;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;

/// What the peer sent. Credit goes back when the reader has taken the bytes.
final class StreamInput extends InputStream {
  private final Exchange exchange;
  private byte[] current = new byte[0];
  private int position;
  private volatile long timeoutNanos;

  StreamInput(Exchange exchange) {
    this.exchange = exchange;
  }

  void timeout(Duration timeout) {
    timeoutNanos = timeout.toNanos();
  }

  @Override
  public int read() throws IOException {
    return fill() ? current[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int bytes = Math.min(length, current.length - position);
    System.arraycopy(current, position, into, offset, bytes);
    position += bytes;
    return bytes;
  }

  // a chunk is acknowledged when the next one is asked for: its reader has taken all of it
  private boolean fill() throws IOException {
    if (position < current.length) {
      return true;
    }
    if (current.length > 0) {
      exchange.acknowledge(current.length);
      current = new byte[0];
      position = 0;
    }
    var next = exchange.take(timeoutNanos);
    if (next == null) {
      return false;
    }
    current = next;
    position = 0;
    return true;
  }

  @Override
  public int available() {
    int here = current.length - position;
    return here > 0 ? here : exchange.waitingBytes();
  }
}
