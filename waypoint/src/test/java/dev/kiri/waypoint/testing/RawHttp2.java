package dev.kiri.waypoint.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One end of an HTTP/2 connection that writes whatever frames it is told, sound or not.
public final class RawHttp2 implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GO_AWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE);
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);
  private final Map<Integer, Message> messages = new HashMap<>();
  private @Nullable String goAway;
  private int settings;

  /// What came on one stream: its first and its last fields, and how it ended (`end`, `reset N`).
  public static final class Message {
    private @Nullable Http2Headers head;
    private @Nullable Http2Headers trailers;
    private final StringBuilder body = new StringBuilder();
    private String ended = "";

    public Http2Headers head() {
      return Objects.requireNonNull(head);
    }

    public Http2Headers trailers() {
      return Objects.requireNonNull(trailers);
    }

    /// `:status`, -1 without an answer.
    public int status() {
      return head == null ? -1 : Integer.parseInt(head.status().toString());
    }

    public String header(String name) {
      CharSequence value = head().get(name);
      return value == null ? "" : value.toString();
    }

    public String body() {
      return body.toString();
    }

    public String ended() {
      return ended;
    }
  }

  /// A client: preface and empty settings are sent.
  public RawHttp2(InetSocketAddress to) throws IOException {
    socket = new Socket();
    socket.setSoTimeout(10_000);
    socket.connect(to, 5_000);
    in = new DataInputStream(socket.getInputStream());
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
  }

  /// A server behind an accepted connection; reads the client's preface.
  ///
  /// @param settings payload of its SETTINGS
  public RawHttp2(Socket accepted, byte[] settings) throws IOException {
    socket = accepted;
    in = new DataInputStream(socket.getInputStream());
    in.readNBytes(24);
    frame(SETTINGS, 0, 0, settings);
  }

  public Socket socket() {
    return socket;
  }

  private void send(byte[] bytes) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes);
    out.flush();
  }

  public RawHttp2 frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuf out = Unpooled.buffer(9 + payload.length);
    out.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    out.writeBytes(payload);
    send(out.array());
    return this;
  }

  /// Fields as they are written, `name, value, name, value...`.
  public byte[] block(String... fields) throws IOException {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    ByteBuf out = Unpooled.buffer();
    try {
      encoder.encodeHeaders(1, headers, out);
    } catch (Http2Exception broken) {
      throw new IOException(broken);
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes).release();
    return bytes;
  }

  public RawHttp2 headers(int stream, boolean end, String... fields) throws IOException {
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(fields));
  }

  /// A GET of a path, with more fields behind the usual ones.
  public RawHttp2 get(int stream, String path, String... more) throws IOException {
    String[] fields = new String[8 + more.length];
    String[] usual = {":method", "GET", ":scheme", "http", ":authority", "test", ":path", path};
    System.arraycopy(usual, 0, fields, 0, 8);
    System.arraycopy(more, 0, fields, 8, more.length);
    return headers(stream, true, fields);
  }

  public RawHttp2 data(int stream, boolean end, String text) throws IOException {
    return frame(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawHttp2 reset(int stream, int code) throws IOException {
    return frame(RST_STREAM, 0, stream, Unpooled.buffer(4).writeInt(code).array());
  }

  /// Reads frames until the stream has ended, was reset, or the connection is given up.
  public Message answer(int stream) throws IOException {
    Message message = messages.computeIfAbsent(stream, _ -> new Message());
    while (message.ended.isEmpty() && read()) {}
    return message;
  }

  /// Reads frames until there is a head on the stream, or its end.
  public Message head(int stream) throws IOException {
    Message message = messages.computeIfAbsent(stream, _ -> new Message());
    while (message.head == null && message.ended.isEmpty() && read()) {}
    return message;
  }

  /// Reads until that much of a body has come.
  public String body(int stream, int length) throws IOException {
    Message message = messages.computeIfAbsent(stream, _ -> new Message());
    while (message.body.length() < length && message.ended.isEmpty() && read()) {}
    return message.body();
  }

  /// Reads until the connection is at its end: the code of GOAWAY and its text, `end` without one.
  public String end() throws IOException {
    while (read()) {}
    return goAway == null ? "end" : goAway;
  }

  /// Reads until GOAWAY has come.
  public String goAway() throws IOException {
    while (goAway == null && read()) {}
    return goAway == null ? "end" : goAway;
  }

  /// How many SETTINGS came, acknowledgements not counted; reads until there is one.
  public void settings() throws IOException {
    while (settings == 0 && read()) {}
  }

  /// False at the end of the connection.
  private boolean read() throws IOException {
    try {
      int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      take(type, flags, stream, in.readNBytes(length));
      return true;
    } catch (EOFException | SocketException ended) {
      return false;
    }
  }

  private void take(int type, int flags, int stream, byte[] payload) throws IOException {
    Message message = messages.computeIfAbsent(stream, _ -> new Message());
    switch (type) {
      case DATA -> {
        message.body.append(new String(payload, StandardCharsets.ISO_8859_1));
        if (payload.length > 0) {
          byte[] credit = Unpooled.buffer(4).writeInt(payload.length).array();
          frame(WINDOW_UPDATE, 0, 0, credit);
        }
      }
      case HEADERS -> {
        Http2Headers headers = decode(stream, payload);
        if (message.head == null) {
          message.head = headers;
        } else {
          message.trailers = headers;
        }
      }
      case RST_STREAM -> message.ended = "reset " + Unpooled.wrappedBuffer(payload).readInt();
      case GO_AWAY ->
          goAway =
              Unpooled.wrappedBuffer(payload).getInt(4)
                  + new String(payload, 8, payload.length - 8, StandardCharsets.US_ASCII);
      case SETTINGS -> {
        if ((flags & 1) == 0) {
          settings++;
          frame(SETTINGS, 1, 0, new byte[0]);
        }
      }
      default -> {}
    }
    boolean hasEnd = type == DATA || type == HEADERS;
    if (hasEnd && (flags & END_STREAM) != 0) {
      message.ended = "end";
    }
  }

  private Http2Headers decode(int stream, byte[] payload) throws IOException {
    try {
      return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(payload));
    } catch (Http2Exception broken) {
      throw new IOException(broken);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
