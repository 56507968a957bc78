package dev.kiri.hbone.conformance.wire;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Names and values in order. Written as literals that enter no table (RFC 7541 6.2.2), read by a
/// library's decoder.
public record HeaderList(List<Entry> entries) {

  /// One header field.
  public record Entry(String name, String value) {}

  public HeaderList {
    entries = List.copyOf(entries);
  }

  /// `fields` are names and values in turn.
  public static HeaderList of(String... fields) {
    var entries = new ArrayList<Entry>();
    for (int i = 0; i < fields.length; i += 2) {
      entries.add(new Entry(fields[i], fields[i + 1]));
    }
    return new HeaderList(entries);
  }

  /// A CONNECT request for this authority and further fields.
  public static HeaderList connect(String authority, String... fields) {
    var entries = new ArrayList<Entry>();
    entries.add(new Entry(":method", "CONNECT"));
    entries.add(new Entry(":authority", authority));
    entries.addAll(of(fields).entries());
    return new HeaderList(entries);
  }

  /// One decoder reads all blocks of a connection.
  static HeaderList read(DefaultHttp2HeadersDecoder decoder, Frame frame) throws IOException {
    try {
      var entries = new ArrayList<Entry>();
      for (var field :
          decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(block(frame)))) {
        entries.add(new Entry(field.getKey().toString(), field.getValue().toString()));
      }
      return new HeaderList(entries);
    } catch (Http2Exception e) {
      throw new IOException("unreadable header block: " + e.getMessage(), e);
    }
  }

  private static byte[] block(Frame frame) {
    int pad = frame.has(Frame.PADDED) ? frame.payload()[0] & 0xff : 0;
    int from = (frame.has(Frame.PADDED) ? 1 : 0) + (frame.has(0x20) ? 5 : 0);
    return java.util.Arrays.copyOfRange(frame.payload(), from, frame.payload().length - pad);
  }

  /// The values of this name, in order.
  public List<String> all(String name) {
    return entries.stream().filter(e -> e.name().equals(name)).map(Entry::value).toList();
  }

  /// The value of this name, or an empty text.
  public String first(String name) {
    var all = all(name);
    return all.isEmpty() ? "" : all.getFirst();
  }

  /// Values are written byte for byte (ISO 8859-1).
  public byte[] block() {
    var out = new ByteArrayOutputStream();
    for (var entry : entries) {
      out.write(0);
      string(out, entry.name());
      string(out, entry.value());
    }
    return out.toByteArray();
  }

  private static void string(ByteArrayOutputStream out, String text) {
    var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int length = bytes.length;
    if (length < 127) {
      out.write(length);
    } else {
      out.write(127);
      int rest = length - 127;
      for (; rest >= 128; rest >>>= 7) {
        out.write(rest & 0x7f | 0x80);
      }
      out.write(rest);
    }
    out.writeBytes(bytes);
  }
}
