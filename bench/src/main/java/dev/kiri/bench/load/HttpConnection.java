package dev.kiri.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One HTTP/1.1 connection that sends the same GET again and again. Confined to one thread.
final class HttpConnection implements AutoCloseable {
  private static final int LARGEST_RESPONSE = 64 * 1024;

  /// What the server has done with a connection that nobody used.
  enum State {
    OPEN,
    ENDED,
    RESET
  }

  private final SocketChannel channel;
  private final ByteBuffer request;
  private final ByteBuffer response;

  private HttpConnection(SocketChannel channel, ByteBuffer request, ByteBuffer response) {
    this.channel = channel;
    this.request = request;
    this.response = response;
  }

  /// Room for a response; connections that are used one after the other may share it.
  static ByteBuffer responseBuffer() {
    return ByteBuffer.allocateDirect(LARGEST_RESPONSE);
  }

  static HttpConnection open(InetSocketAddress server, String path, boolean keepAlive)
      throws IOException {
    return open(server, path, keepAlive, responseBuffer());
  }

  static HttpConnection open(
      InetSocketAddress server, String path, boolean keepAlive, ByteBuffer response)
      throws IOException {
    var channel = SocketChannel.open();
    channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
    var text =
        "GET " + path + " HTTP/1.1\r\nHost: bench\r\n" + (keepAlive ? "" : "Connection: close\r\n");
    var request = ByteBuffer.allocateDirect(text.length() + 2);
    request.put((text + "\r\n").getBytes(StandardCharsets.US_ASCII)).flip();
    try {
      channel.connect(server);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new HttpConnection(channel, request, response);
  }

  /// Sends the request and reads its whole response.
  ///
  /// @throws IOException also for anything but a 200 with a Content-Length
  void exchange() throws IOException {
    request.rewind();
    while (request.hasRemaining()) {
      channel.write(request);
    }
    response.clear();
    int whole = -1;
    while (whole < 0 || response.position() < whole) {
      if (channel.read(response) < 0) {
        throw new EOFException("the server closed in the middle of a response");
      }
      if (whole < 0) {
        whole = wholeLength();
      }
    }
  }

  /// Length of head and body, or -1 while the head is not complete.
  private int wholeLength() throws IOException {
    int end = response.position();
    for (int i = 3; i < end; i++) {
      if (response.get(i) == '\n' && response.get(i - 2) == '\n') {
        var bytes = new byte[i + 1];
        response.get(0, bytes);
        return i + 1 + bodyLength(new String(bytes, StandardCharsets.US_ASCII));
      }
    }
    return -1;
  }

  private static int bodyLength(String head) throws IOException {
    if (!head.startsWith("HTTP/1.1 200")) {
      throw new IOException("answered: " + head.lines().findFirst().orElse(""));
    }
    int at = head.toLowerCase(Locale.ROOT).indexOf("content-length:");
    if (at < 0) {
      throw new IOException("a response without Content-Length");
    }
    int from = at + "content-length:".length();
    return Integer.parseInt(head.substring(from, head.indexOf('\r', from)).strip());
  }

  /// Looks without waiting.
  State state() {
    try {
      channel.configureBlocking(false);
      response.clear();
      return channel.read(response) < 0 ? State.ENDED : State.OPEN;
    } catch (IOException reset) {
      return State.RESET;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
