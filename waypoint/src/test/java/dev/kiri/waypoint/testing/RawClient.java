package dev.kiri.waypoint.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A client that writes exactly what it is given and reads answers by itself.
public final class RawClient implements AutoCloseable {
  private final Socket socket;

  /// An answer as it was on the wire; `body` is unframed.
  public record Answer(int status, String head, String body) {
    public String header(String name) {
      for (String line : head.split("\r\n")) {
        int colon = line.indexOf(':');
        if (colon > 0 && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(name)) {
          return line.substring(colon + 1).trim();
        }
      }
      return "";
    }
  }

  public RawClient(InetSocketAddress to) throws IOException {
    socket = new Socket();
    socket.setSoTimeout(10_000);
    socket.connect(to, 5_000);
  }

  /// Lines of the wire, each but the last ended by CR LF.
  public static String lines(String... lines) {
    return String.join("\r\n", lines);
  }

  public Socket socket() {
    return socket;
  }

  public RawClient send(String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return this;
  }

  public RawClient get(String path, String... headers) throws IOException {
    StringBuilder text = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: test\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return send(text.append("\r\n").toString());
  }

  public Answer answer() throws IOException {
    return answer(false);
  }

  public Answer answer(boolean toHead) throws IOException {
    InputStream in = socket.getInputStream();
    String head = RawServer.readHead(in);
    int status = Integer.parseInt(head.substring(9, 12));
    Answer bare = new Answer(status, head, "");
    if (toHead || status < 200 || status == 204 || status == 304) {
      return bare;
    }
    if (bare.header("transfer-encoding").equals("chunked")) {
      return new Answer(status, head, chunks(in));
    }
    int length = Integer.parseInt(bare.header("content-length"));
    return new Answer(status, head, read(in, length));
  }

  private static String chunks(InputStream in) throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(line(in), 16);
      if (size == 0) {
        line(in);
        return body.toString();
      }
      body.append(read(in, size));
      line(in);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("ended within a line");
      }
      line.append((char) b);
    }
    return line.toString().trim();
  }

  private static String read(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("ended " + (length - bytes.length) + " bytes early");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /// True when the other side ended the connection, by FIN or RST.
  public boolean ended() throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
