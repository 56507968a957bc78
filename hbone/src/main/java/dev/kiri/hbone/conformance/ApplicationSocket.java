package dev.kiri.hbone.conformance;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// An application's end of a connection through the examined client. One thread at a time.
public final class ApplicationSocket implements Closeable {
  private final Socket socket;
  private int greeting; // bytes of the proxy itself that are still to come

  private ApplicationSocket(Socket socket, int greeting) {
    this.socket = socket;
    this.greeting = greeting;
  }

  /// Connects to a socket of the client of which every connection becomes a stream.
  static ApplicationSocket plain(InetSocketAddress to, Duration limit) throws IOException {
    var socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) limit.toMillis());
    socket.connect(to, (int) limit.toMillis());
    return new ApplicationSocket(socket, 0);
  }

  /// Asks a SOCKS5 proxy (RFC 1928) for `destination`, an IPv4 address; its answer is read when it
  /// is needed.
  static ApplicationSocket socks5(
      InetSocketAddress proxy, InetSocketAddress destination, Duration limit) throws IOException {
    var plain = plain(proxy, limit);
    var out = plain.socket.getOutputStream();
    out.write(new byte[] {5, 1, 0});
    var choice = plain.socket.getInputStream().readNBytes(2);
    if (choice.length < 2 || choice[1] != 0) {
      throw new IOException(proxy + " is no SOCKS5 proxy without authentication");
    }
    var address = destination.getAddress().getAddress();
    var ask = new byte[] {5, 1, 0, 1, 0, 0, 0, 0, 0, 0};
    System.arraycopy(address, 0, ask, 4, 4);
    ask[8] = (byte) (destination.getPort() >> 8);
    ask[9] = (byte) destination.getPort();
    out.write(ask);
    return new ApplicationSocket(plain.socket, 10);
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.US_ASCII));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /// Ends the sending direction.
  void end() throws IOException {
    socket.shutdownOutput();
  }

  /// Ends both directions by RST.
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /// The longest wait of a read from now on.
  void limit(Duration longest) throws IOException {
    socket.setSoTimeout((int) longest.toMillis());
  }

  /// Exactly so many bytes.
  String read(int bytes) throws IOException {
    skipGreeting();
    var read = socket.getInputStream().readNBytes(bytes);
    if (read.length < bytes) {
      throw new EOFException("the connection ended after " + read.length + " bytes");
    }
    return new String(read, StandardCharsets.US_ASCII);
  }

  /// How the reading direction ends: `ended`, `ended after N bytes`, `reset` or `still open`.
  String untilEnd() {
    try {
      skipGreeting();
      int bytes = socket.getInputStream().readAllBytes().length;
      return bytes == 0 ? "ended" : "ended after " + bytes + " bytes";
    } catch (SocketTimeoutException e) {
      return "still open";
    } catch (IOException e) {
      return "reset";
    }
  }

  private void skipGreeting() throws IOException {
    int bytes = greeting;
    greeting = 0;
    socket.getInputStream().skipNBytes(bytes);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
