package dev.kiri.hbone.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;
import org.jspecify.annotations.Nullable;

/// Reads HTTP/2 frames from chunks of plaintext as they come (RFC 9113 4 and 6). Confined to one
/// loop.
///
/// DATA passes through without waiting for the whole frame; only headers that straddle two chunks
/// and control frames are carried over, both bounded. Throws [TunnelError] for what the peer must
/// not send; afterwards the reader must not be used.
final class FrameReader {
  private static final int MAX_DEBUG = 256;

  private final FrameSink sink;
  private final int maxFrameSize;
  private final int maxHeaderBlock;
  private final HeaderAssembly headers;

  private final byte[] header = new byte[FrameType.HEADER_LENGTH];
  private int headerBytes;
  private boolean inFrame;
  private int type;
  private int flags;
  private int stream;
  private int remaining; // of the frame's payload
  private int padding; // of the DATA frame under way, at its end
  private boolean padLengthPending;
  private boolean firstFrame = true;
  private @Nullable ByteBuf carried; // control payload seen in part

  FrameReader(FrameSink sink, TunnelSettings settings) {
    this.sink = sink;
    this.maxFrameSize = settings.maxFrameSize();
    this.maxHeaderBlock = settings.maxHeaderList();
    this.headers = new HeaderAssembly(sink, maxHeaderBlock);
  }

  /// Consumes the whole chunk.
  void read(ByteBuf in) throws TunnelError {
    while (true) {
      if (!inFrame) {
        if (!readHeader(in)) {
          return;
        }
        beginFrame();
      }
      if (type == FrameType.DATA) {
        if (!readData(in)) {
          return;
        }
      } else if (!readControl(in)) {
        return;
      }
      inFrame = false;
    }
  }

  private boolean readHeader(ByteBuf in) {
    int wanted = Math.min(FrameType.HEADER_LENGTH - headerBytes, in.readableBytes());
    in.readBytes(header, headerBytes, wanted);
    headerBytes += wanted;
    return headerBytes == FrameType.HEADER_LENGTH;
  }

  private void beginFrame() throws TunnelError {
    headerBytes = 0;
    inFrame = true;
    remaining = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
    type = header[3] & 0xff;
    flags = header[4] & 0xff;
    stream =
        (header[5] & 0x7f) << 24
            | (header[6] & 0xff) << 16
            | (header[7] & 0xff) << 8
            | header[8] & 0xff;
    if (firstFrame && type != FrameType.SETTINGS) {
      throw TunnelError.protocol("the first frame is no SETTINGS frame but type " + type);
    }
    firstFrame = false;
    if (remaining > maxFrameSize) {
      throw TunnelError.size("frame of " + remaining + " bytes, " + maxFrameSize + " are allowed");
    }
    headers.require(type, stream);
    switch (type) {
      case FrameType.DATA -> beginData();
      case FrameType.HEADERS -> requireStream("HEADERS");
      case FrameType.PRIORITY -> requireLength(5, "PRIORITY");
      case FrameType.RST_STREAM -> {
        requireStream("RST_STREAM");
        requireLength(4, "RST_STREAM");
      }
      case FrameType.SETTINGS -> beginSettings();
      case FrameType.PUSH_PROMISE -> throw TunnelError.protocol("PUSH_PROMISE was not allowed");
      case FrameType.PING -> {
        requireConnection("PING");
        requireLength(8, "PING");
      }
      case FrameType.GOAWAY -> {
        requireConnection("GOAWAY");
        if (remaining < 8) {
          throw TunnelError.size("GOAWAY of " + remaining + " bytes");
        }
      }
      case FrameType.WINDOW_UPDATE -> requireLength(4, "WINDOW_UPDATE");
      default -> {}
    }
  }

  private void beginData() throws TunnelError {
    requireStream("DATA");
    sink.dataBegins(stream, remaining);
    padding = 0;
    padLengthPending = (flags & FrameType.PADDED) != 0;
    if (padLengthPending && remaining == 0) {
      throw TunnelError.size("padded DATA without a length of the padding");
    }
  }

  private void beginSettings() throws TunnelError {
    requireConnection("SETTINGS");
    if ((flags & FrameType.ACK) != 0 ? remaining != 0 : remaining % 6 != 0) {
      throw TunnelError.size("SETTINGS of " + remaining + " bytes");
    }
  }

  private void requireStream(String what) throws TunnelError {
    if (stream == 0) {
      throw TunnelError.protocol(what + " on stream 0");
    }
  }

  private void requireConnection(String what) throws TunnelError {
    if (stream != 0) {
      throw TunnelError.protocol(what + " on stream " + stream);
    }
  }

  private void requireLength(int length, String what) throws TunnelError {
    if (remaining != length) {
      throw TunnelError.size(what + " of " + remaining + " bytes");
    }
  }

  private boolean readData(ByteBuf in) throws TunnelError {
    if (padLengthPending) {
      if (!in.isReadable()) {
        return false;
      }
      padLengthPending = false;
      padding = in.readUnsignedByte();
      remaining--;
      if (padding > remaining) {
        throw TunnelError.protocol("padding longer than its frame");
      }
    }
    int payload = Math.min(remaining - padding, in.readableBytes());
    if (payload > 0) {
      int end = in.readerIndex() + payload;
      int writer = in.writerIndex();
      in.writerIndex(end);
      sink.data(stream, in);
      in.writerIndex(writer).readerIndex(end);
      remaining -= payload;
    }
    if (remaining <= padding) {
      int skipped = Math.min(remaining, in.readableBytes());
      in.skipBytes(skipped);
      remaining -= skipped;
      padding = remaining;
    }
    if (remaining > 0) {
      return false;
    }
    sink.dataEnds(stream, (flags & FrameType.END_STREAM) != 0);
    return true;
  }

  private boolean readControl(ByteBuf in) throws TunnelError {
    if (!isKnown(type)) {
      int skipped = Math.min(remaining, in.readableBytes());
      in.skipBytes(skipped);
      remaining -= skipped;
      if (remaining == 0) {
        sink.ignored(type);
      }
      return remaining == 0;
    }
    if (carried == null && in.readableBytes() >= remaining) {
      int end = in.readerIndex() + remaining;
      int writer = in.writerIndex();
      in.writerIndex(end);
      control(in);
      in.writerIndex(writer).readerIndex(end);
      return true;
    }
    return readCarried(in);
  }

  private boolean readCarried(ByteBuf in) throws TunnelError {
    var partial = carried;
    if (partial == null) {
      requireBounded(remaining);
      partial = Unpooled.buffer(remaining, remaining);
      carried = partial;
    }
    int taken = Math.min(remaining - partial.readableBytes(), in.readableBytes());
    partial.writeBytes(in, taken);
    if (partial.readableBytes() < remaining) {
      return false;
    }
    carried = null;
    control(partial);
    return true;
  }

  private static boolean isKnown(int type) {
    return type <= FrameType.CONTINUATION && type != FrameType.PRIORITY;
  }

  private void requireBounded(int bytes) throws TunnelError {
    int limit =
        type == FrameType.HEADERS || type == FrameType.CONTINUATION ? maxHeaderBlock : 16_384;
    if (bytes > limit) {
      throw TunnelError.calm("control frame of " + bytes + " bytes, type " + type);
    }
  }

  private void control(ByteBuf payload) throws TunnelError {
    requireBounded(payload.readableBytes());
    switch (type) {
      case FrameType.HEADERS -> headers.headers(stream, flags, payload);
      case FrameType.CONTINUATION -> headers.continuation(flags, payload);
      case FrameType.RST_STREAM -> sink.reset(stream, payload.readInt());
      case FrameType.SETTINGS -> settings(payload);
      case FrameType.PING -> sink.ping((flags & FrameType.ACK) != 0, payload.readLong());
      case FrameType.GOAWAY -> {
        int last = payload.readInt() & 0x7fff_ffff;
        int code = payload.readInt();
        int length = Math.min(payload.readableBytes(), MAX_DEBUG);
        sink.goAway(last, code, payload.readCharSequence(length, CharsetUtil.UTF_8).toString());
      }
      case FrameType.WINDOW_UPDATE -> sink.windowUpdate(stream, payload.readInt() & 0x7fff_ffff);
      default -> throw new IllegalStateException("type " + type);
    }
  }

  private void settings(ByteBuf payload) throws TunnelError {
    if ((flags & FrameType.ACK) != 0) {
      sink.settingsAck();
      return;
    }
    while (payload.isReadable()) {
      int id = payload.readUnsignedShort();
      sink.setting(id, payload.readUnsignedInt());
    }
    sink.settingsEnd();
  }
}
