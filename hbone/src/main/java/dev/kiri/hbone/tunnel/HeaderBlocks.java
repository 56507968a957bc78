package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.connect.Forwarded;
import dev.kiri.hbone.connect.InvalidAuthority;
import dev.kiri.hbone.connect.KnownTexts;
import dev.kiri.hbone.connect.TraceParent;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Header blocks of CONNECT requests and their answers: literals out, a library's decoder in
/// (HPACK, RFC 7541). One per tunnel, confined to its loop.
final class HeaderBlocks {
  private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
  private static final AsciiString BAGGAGE = AsciiString.cached("baggage");
  private static final AsciiString FORWARDED = AsciiString.cached("forwarded");
  private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");
  private static final AsciiString FORWARDED_NETWORK = AsciiString.cached("x-forwarded-network");
  private static final byte STATUS_200 = (byte) 0x88; // static table, entry 8
  private static final int NAME_AUTHORITY = 1;
  private static final int NAME_METHOD = 2;
  private static final int NAME_STATUS = 8;
  private static final int TABLE_SIZE_ZERO = 0x20;

  private final DefaultHttp2HeadersDecoder decoder;
  private final KnownTexts known = KnownTexts.current();
  private final Http2Headers decoded = new DefaultHttp2Headers();
  private boolean tableShrunk;
  private boolean tooLarge;

  HeaderBlocks(int maxHeaderList) {
    decoder =
        new DefaultHttp2HeadersDecoder(true, maxHeaderList) {
          @Override
          protected Http2Headers newHeaders() {
            return decoded.clear(); // read before the next block comes
          }
        };
  }

  /// A received request, or why it is none: `status` to answer with, 0 to reset as malformed.
  sealed interface Request {
    record Connect(ConnectRequest request) implements Request {}

    record Bad(int status, String text) implements Request {}

    record Malformed(String text) implements Request {}
  }

  /// The peer shrank its dynamic table: the next block must say so first (RFC 7541 4.2). Nothing is
  /// ever put into that table.
  void peerTableSize(long size) {
    if (size < 4_096) {
      tableShrunk = true;
    }
  }

  Request readRequest(int stream, ByteBuf block) throws TunnelError {
    try {
      return request(decode(stream, block));
    } finally {
      decoded.clear();
    }
  }

  private Request request(@Nullable Http2Headers headers) {
    if (headers == null) {
      return tooLarge
          ? new Request.Bad(431, "header list too large")
          : new Request.Malformed("invalid header list");
    }
    var method = headers.method();
    if (method == null) {
      return new Request.Malformed("request without a method");
    }
    if (!CONNECT.contentEquals(method)) {
      return new Request.Bad(400, "expected method CONNECT, got " + method);
    }
    if (headers.scheme() != null || headers.path() != null) {
      return new Request.Malformed("CONNECT with scheme or path"); // RFC 9113 8.5
    }
    var authority = headers.authority();
    if (authority == null) {
      return new Request.Bad(400, "no valid authority pseudo header: ");
    }
    try {
      return new Request.Connect(request(known.authority(authority), headers));
    } catch (InvalidAuthority e) {
      return new Request.Bad(400, String.valueOf(e.getMessage()));
    }
  }

  private ConnectRequest request(Authority authority, Http2Headers headers) {
    var forwarded = headers.get(FORWARDED);
    var trace = headers.get(TRACEPARENT);
    var network = headers.get(FORWARDED_NETWORK);
    return new ConnectRequest(
        authority,
        baggage(headers),
        forwarded == null ? null : Forwarded.parse(forwarded.toString()),
        trace == null ? null : TraceParent.parse(trace.toString()),
        network == null ? null : network.toString());
  }

  private @Nullable Baggage baggage(Http2Headers headers) {
    var lines = headers.getAll(BAGGAGE);
    if (lines.isEmpty()) {
      return null;
    }
    if (lines.size() == 1) {
      return known.baggage(lines.getFirst());
    }
    List<String> texts = new ArrayList<>(lines.size());
    for (var line : lines) {
      texts.add(line.toString());
    }
    return Baggage.parse(texts);
  }

  /// Null if the status is missing or no number: a malformed response.
  @Nullable ConnectResponse readResponse(int stream, ByteBuf block) throws TunnelError {
    if (block.readableBytes() == 1 && block.getByte(block.readerIndex()) == STATUS_200) {
      return ConnectResponse.OK;
    }
    try {
      return response(decode(stream, block));
    } finally {
      decoded.clear();
    }
  }

  private @Nullable ConnectResponse response(@Nullable Http2Headers headers) {
    if (headers == null || headers.status() == null) {
      return null;
    }
    int status = 0;
    for (int i = 0; i < headers.status().length(); i++) {
      int digit = headers.status().charAt(i) - '0';
      if (digit < 0 || digit > 9 || i > 2) {
        return null;
      }
      status = status * 10 + digit;
    }
    return new ConnectResponse(status, status == 200 ? baggage(headers) : null);
  }

  /// Decodes a block that nobody reads, to keep the decoder's table in step with the peer's.
  void skip(int stream, ByteBuf block) throws TunnelError {
    decode(stream, block);
    decoded.clear();
  }

  /// Null if the list is larger than advertised, or not a valid list of headers.
  private @Nullable Http2Headers decode(int stream, ByteBuf block) throws TunnelError {
    try {
      return decoder.decodeHeaders(stream, block);
    } catch (Http2Exception.StreamException e) {
      // the decoder read the whole block first: its table is still in step
      tooLarge = e instanceof Http2Exception.HeaderListSizeException;
      return null;
    } catch (Http2Exception e) {
      throw new TunnelError((int) e.error().code(), String.valueOf(e.getMessage()));
    }
  }

  /// An upper bound of what [#write(ConnectRequest, ByteBuf)] writes.
  int bound(ConnectRequest request) {
    int bound = 96 + known.text(request.authority()).length();
    if (request.baggage() != null) {
      bound += 16 + known.text(request.baggage()).length();
    }
    if (request.forwarded() != null) {
      bound += 20 + request.forwarded().maxLength();
    }
    if (request.traceParent() != null) {
      bound += 80;
    }
    if (request.forwardedNetwork() != null) {
      bound += 32 + request.forwardedNetwork().length();
    }
    return bound;
  }

  /// An upper bound of what [#write(ConnectResponse, ByteBuf)] writes.
  int bound(ConnectResponse response) {
    return 32 + (response.baggage() == null ? 0 : known.text(response.baggage()).length());
  }

  void write(ConnectRequest request, ByteBuf out) {
    begin(out);
    literal(out, NAME_METHOD, CONNECT);
    literal(out, NAME_AUTHORITY, known.text(request.authority()));
    if (request.baggage() != null) {
      literal(out, BAGGAGE, known.text(request.baggage()));
    }
    if (request.forwarded() != null) {
      literal(out, FORWARDED, request.forwarded().format());
    }
    if (request.traceParent() != null) {
      literal(out, TRACEPARENT, request.traceParent().format());
    }
    if (request.forwardedNetwork() != null) {
      literal(out, FORWARDED_NETWORK, request.forwardedNetwork());
    }
  }

  void write(ConnectResponse response, ByteBuf out) {
    begin(out);
    if (response.status() == 200) {
      out.writeByte(STATUS_200);
    } else {
      literal(out, NAME_STATUS, AsciiString.of(Integer.toString(response.status())));
    }
    if (response.baggage() != null) {
      literal(out, BAGGAGE, known.text(response.baggage()));
    }
  }

  private void begin(ByteBuf out) {
    if (tableShrunk) {
      tableShrunk = false;
      out.writeByte(TABLE_SIZE_ZERO);
    }
  }

  // RFC 7541 6.2.2: literal without indexing, indexed name; all names used fit the 4-bit prefix
  private static void literal(ByteBuf out, int name, AsciiString value) {
    out.writeByte(name);
    string(out, value);
  }

  // RFC 7541 6.2.2: literal without indexing, new name
  private static void literal(ByteBuf out, AsciiString name, AsciiString value) {
    out.writeByte(0);
    string(out, name);
    string(out, value);
  }

  private static void literal(ByteBuf out, AsciiString name, String value) {
    out.writeByte(0);
    string(out, name);
    length(out, value.length());
    for (int i = 0; i < value.length(); i++) {
      out.writeByte(KnownTexts.visible(value.charAt(i)));
    }
  }

  private static void string(ByteBuf out, AsciiString value) {
    length(out, value.length());
    out.writeBytes(value.array(), value.arrayOffset(), value.length());
  }

  // RFC 7541 5.2, without Huffman coding
  private static void length(ByteBuf out, int length) {
    if (length < 127) {
      out.writeByte(length);
      return;
    }
    out.writeByte(127);
    int rest = length - 127;
    while (rest >= 128) {
      out.writeByte(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }
}
