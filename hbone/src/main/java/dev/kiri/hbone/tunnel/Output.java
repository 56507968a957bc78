package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.util.CharsetUtil;

/// The sending side of a tunnel: frames into records, the connection's window. Confined to one
/// loop.
///
/// Small frames are gathered ([Staging]), so that many streams share one record; longer DATA is
/// sealed straight from the memory it was read into, behind what was gathered before.
final class Output {
  private static final int SMALL = 4_096;
  private static final int MAX_CONTROL_HELD = 256 << 10;
  private static final int MAX_BLOCK = 16_384 - FrameType.HEADER_LENGTH;

  private final RecordLayer records;
  private final HeaderBlocks blocks;
  private final Staging staging;
  private long window = 65_535; // RFC 9113 6.9.2
  private long largestWindow = window;
  private long sent;
  private int peerFrameSize = 16_384;
  private int controlHeld;
  private boolean closed;

  Output(RecordLayer records, HeaderBlocks blocks) {
    this.records = records;
    this.blocks = blocks;
    this.staging = new Staging(records);
  }

  /// Bytes of DATA that the connection takes now.
  int room() {
    if (window <= 0 || closed) {
      return 0;
    }
    return (int) Math.max(0, Math.min(window, records.room() - staging.bytes()));
  }

  /// The peer has given little of its window back: what was sent waits on its side.
  boolean isShortOfCredit() {
    return window < largestWindow / 4;
  }

  /// Bytes of DATA sent so far.
  long sent() {
    return sent;
  }

  void peerFrameSize(int size) {
    peerFrameSize = size;
  }

  void windowUpdate(int increment) throws TunnelError {
    window += increment;
    largestWindow = Math.max(largestWindow, window);
    if (window > Integer.MAX_VALUE) {
      throw TunnelError.flow("connection window over 2^31-1");
    }
  }

  void preface(TunnelSettings settings, boolean client) {
    if (client) {
      staging.space(Preface.CLIENT.length).writeBytes(Preface.CLIENT);
    }
    var out = frame((client ? 4 : 5) * 6, FrameType.SETTINGS, 0, 0);
    if (client) {
      out.writeShort(PeerSettings.ENABLE_PUSH).writeInt(0);
    } else {
      out.writeShort(PeerSettings.MAX_CONCURRENT_STREAMS).writeInt(settings.maxStreams());
      out.writeShort(PeerSettings.EARLY_DATA).writeInt(1);
    }
    out.writeShort(PeerSettings.INITIAL_WINDOW_SIZE).writeInt(settings.streamWindow());
    out.writeShort(PeerSettings.MAX_FRAME_SIZE).writeInt(settings.maxFrameSize());
    // upstream's client reads less: answers are short
    out.writeShort(PeerSettings.MAX_HEADER_LIST_SIZE)
        .writeInt(client ? Math.min(16_384, settings.maxHeaderList()) : settings.maxHeaderList());
    if (settings.connectionWindow() > 65_535) {
      windowUpdate(0, settings.connectionWindow() - 65_535);
    }
  }

  /// Another window for all streams; the caller waits for the peer's ACK before the next one.
  void initialWindow(int bytes) {
    frame(6, FrameType.SETTINGS, 0, 0).writeShort(PeerSettings.INITIAL_WINDOW_SIZE).writeInt(bytes);
  }

  void settingsAck() throws TunnelError {
    hold(FrameType.HEADER_LENGTH);
    // in its place: what was sent before it went by the windows before it
    frame(0, FrameType.SETTINGS, FrameType.ACK, 0);
  }

  void pingAck(long payload) throws TunnelError {
    hold(FrameType.HEADER_LENGTH + 8);
    control(8, FrameType.PING, FrameType.ACK, 0).writeLong(payload);
  }

  /// A PING that this end sends by itself, at most one at a time.
  void ping(long payload) {
    control(8, FrameType.PING, 0, 0).writeLong(payload);
  }

  /// The same, whose answer says that the peer has what was sent before.
  void pingBehind(long payload) {
    frame(8, FrameType.PING, 0, 0).writeLong(payload);
  }

  void windowUpdate(int stream, int increment) {
    control(4, FrameType.WINDOW_UPDATE, 0, stream).writeInt(increment);
  }

  void reset(int stream, int code) {
    frame(4, FrameType.RST_STREAM, 0, stream).writeInt(code);
  }

  void goAway(int lastStream, int code, String debug) {
    var text = debug.length() > 200 ? debug.substring(0, 200) : debug;
    var bytes = text.getBytes(CharsetUtil.UTF_8);
    frame(8 + bytes.length, FrameType.GOAWAY, 0, 0)
        .writeInt(lastStream)
        .writeInt(code)
        .writeBytes(bytes);
  }

  /// Throws [IllegalArgumentException] if the request does not fit one frame.
  void request(int stream, ConnectRequest request) {
    var out = block(blocks.bound(request));
    int start = out.writerIndex();
    header(out, 0, FrameType.HEADERS, FrameType.END_HEADERS, stream);
    blocks.write(request, out);
    out.setMedium(start, out.writerIndex() - start - FrameType.HEADER_LENGTH);
  }

  /// Throws [IllegalArgumentException] if the response does not fit one frame.
  void response(int stream, ConnectResponse response, boolean ends) {
    var out = block(blocks.bound(response));
    int start = out.writerIndex();
    int flags = FrameType.END_HEADERS | (ends ? FrameType.END_STREAM : 0);
    header(out, 0, FrameType.HEADERS, flags, stream);
    blocks.write(response, out);
    out.setMedium(start, out.writerIndex() - start - FrameType.HEADER_LENGTH);
  }

  private ByteBuf block(int bound) {
    if (bound > MAX_BLOCK) {
      throw new IllegalArgumentException("headers of up to " + bound + " bytes");
    }
    return staging.space(FrameType.HEADER_LENGTH + bound);
  }

  /// Sends `bytes` of `data`; the caller has asked [#room()]. With `scratch` the memory in front of
  /// the reader index may be overwritten.
  void data(int stream, ByteBuf data, int bytes, boolean scratch) {
    staging.sealAhead();
    window -= bytes;
    sent += bytes;
    int left = bytes;
    boolean inFront = scratch && data.isDirect();
    while (left > 0) {
      int payload = Math.min(left, peerFrameSize);
      if (payload <= SMALL || !data.isDirect()) {
        staged(stream, data, payload);
      } else if (inFront && data.readerIndex() >= FrameType.HEADER_LENGTH) {
        inPlace(stream, data, payload);
      } else {
        direct(stream, data, payload);
      }
      left -= payload;
    }
  }

  private void staged(int stream, ByteBuf data, int payload) {
    header(staging.space(FrameType.HEADER_LENGTH), payload, FrameType.DATA, 0, stream);
    staging.copy(data, payload);
  }

  // the header goes over memory that was consumed already, or was left free for it
  private void inPlace(int stream, ByteBuf data, int payload) {
    staging.seal();
    int start = data.readerIndex() - FrameType.HEADER_LENGTH;
    int writer = data.writerIndex();
    data.setIndex(start, start);
    header(data, payload, FrameType.DATA, 0, stream);
    data.setIndex(start, start + FrameType.HEADER_LENGTH + payload);
    records.seal(data);
    data.writerIndex(writer);
  }

  // the first record takes the header and as much of the payload as fits, the rest is sealed in
  // place
  private void direct(int stream, ByteBuf data, int payload) {
    var out = staging.space(FrameType.HEADER_LENGTH);
    header(out, payload, FrameType.DATA, 0, stream);
    int part = Math.min(payload, out.writableBytes());
    out.writeBytes(data, part);
    if (part < payload) {
      staging.seal();
      int writer = data.writerIndex();
      data.writerIndex(data.readerIndex() + payload - part);
      records.seal(data);
      data.writerIndex(writer);
    }
  }

  void endStream(int stream) {
    frame(0, FrameType.DATA, FrameType.END_STREAM, stream);
  }

  private void hold(int bytes) throws TunnelError {
    if (records.room() > 0) {
      controlHeld = 0;
      return;
    }
    controlHeld += bytes;
    if (controlHeld > MAX_CONTROL_HELD) {
      throw TunnelError.calm("answers are not read");
    }
  }

  private ByteBuf frame(int length, int type, int flags, int stream) {
    var out = staging.space(FrameType.HEADER_LENGTH + length);
    header(out, length, type, flags, stream);
    return out;
  }

  /// A frame that may go before what is staged.
  private ByteBuf control(int length, int type, int flags, int stream) {
    var out = staging.spaceAhead(FrameType.HEADER_LENGTH + length);
    header(out, length, type, flags, stream);
    return out;
  }

  private static void header(ByteBuf out, int length, int type, int flags, int stream) {
    out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
  }

  /// Sends everything; holds small frames back while the socket takes nothing.
  void flush() {
    staging.sealIfTaken();
    records.flush();
  }

  /// Sends everything whatever the socket takes: the last words of a tunnel.
  void flushLast() {
    staging.sealAll();
    records.flush();
  }

  void release() {
    closed = true;
    staging.release();
  }
}
