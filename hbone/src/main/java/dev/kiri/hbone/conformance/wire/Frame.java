package dev.kiri.hbone.conformance.wire;

import java.nio.ByteBuffer;

/// One HTTP/2 frame as it is on the wire (RFC 9113 4.1). The payload is the record's own; nobody
/// changes it.
@SuppressWarnings("ArrayRecordComponent") // frames are never compared, and are made by the million
public record Frame(int type, int flags, int stream, byte[] payload) {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int ACK = 0x1;
  public static final int END_STREAM = 0x1;
  public static final int END_HEADERS = 0x4;
  public static final int PADDED = 0x8;

  private static final byte[] NOTHING = {};

  /// A frame without payload.
  public static Frame empty(int type, int flags, int stream) {
    return new Frame(type, flags, stream, NOTHING);
  }

  public static Frame data(int stream, byte[] bytes) {
    return new Frame(DATA, 0, stream, bytes);
  }

  public static Frame endOf(int stream) {
    return empty(DATA, END_STREAM, stream);
  }

  public static Frame reset(int stream, int code) {
    return new Frame(RST_STREAM, 0, stream, number(code));
  }

  public static Frame windowUpdate(int stream, int increment) {
    return new Frame(WINDOW_UPDATE, 0, stream, number(increment));
  }

  public static Frame ping(long payload) {
    return new Frame(PING, 0, 0, ByteBuffer.allocate(8).putLong(payload).array());
  }

  /// `pairs` are identifiers and values in turn (RFC 9113 6.5.1).
  public static Frame settings(int... pairs) {
    var payload = ByteBuffer.allocate(pairs.length / 2 * 6);
    for (int i = 0; i < pairs.length; i += 2) {
      payload.putShort((short) pairs[i]).putInt(pairs[i + 1]);
    }
    return new Frame(SETTINGS, 0, 0, payload.array());
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  public boolean is(int wanted) {
    return type == wanted;
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// The 32-bit number at this offset of the payload.
  public int number(int offset, int missing) {
    return payload.length >= offset + 4 ? ByteBuffer.wrap(payload).getInt(offset) : missing;
  }

  /// The value of this parameter of a SETTINGS frame.
  public int setting(int id, int missing) {
    for (int at = 0; at + 6 <= payload.length; at += 6) {
      if (((payload[at] & 0xff) << 8 | payload[at + 1] & 0xff) == id) {
        return number(at + 2, missing);
      }
    }
    return missing;
  }
}
