package dev.kiri.waypoint.http;

import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.MalformedMessage;
import io.netty.buffer.ByteBuf;

/// Finds the payload in slices of a body, whatever its framing; counts and checks, copies nothing.
///
/// Chunk sizes are 1 to 15 hexadecimal digits, chunk lines end in CR LF, extensions are checked and
/// dropped, trailers are checked for form and dropped (as Envoy does for HTTP/1). Confined to one
/// stream.
final class BodyReader {
  /// Bytes of one chunk's size line including extensions, and of all trailers together.
  static final int MAX_CHUNK_LINE = 1024;

  static final int MAX_TRAILERS = 8 * 1024;

  private enum State {
    DONE,
    COUNTED,
    UNTIL_CLOSE,
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF
  }

  private State state = State.DONE;
  private long remaining;
  private int digits;
  private int lineBytes;

  void begin(long length) {
    remaining = 0;
    digits = 0;
    lineBytes = 0;
    if (length == Framing.CHUNKED) {
      state = State.SIZE;
    } else if (length == Framing.UNTIL_CLOSE) {
      state = State.UNTIL_CLOSE;
    } else {
      remaining = length;
      state = length == 0 ? State.DONE : State.COUNTED;
    }
  }

  boolean done() {
    return state == State.DONE;
  }

  /// True when the end of the connection is the proper end of this body.
  boolean endsWithConnection() {
    return state == State.UNTIL_CLOSE;
  }

  /// Skips framing and answers how many bytes at the reader index are payload; the caller takes
  /// exactly those before it asks again. 0: `in` is used up or the body is done.
  int next(ByteBuf in) throws MalformedMessage {
    while (in.isReadable()) {
      switch (state) {
        case DONE -> {
          return 0;
        }
        case UNTIL_CLOSE -> {
          return in.readableBytes();
        }
        case COUNTED, DATA -> {
          int run = (int) Math.min(remaining, in.readableBytes());
          remaining -= run;
          if (remaining == 0) {
            state = state == State.DATA ? State.DATA_CR : State.DONE;
          }
          return run;
        }
        default -> frame(in.readByte());
      }
    }
    return 0;
  }

  private void frame(byte b) throws MalformedMessage {
    switch (state) {
      case SIZE -> size(b);
      case EXTENSION -> {
        if (b == '\r') {
          state = State.SIZE_LF;
        } else {
          count(b, MAX_CHUNK_LINE);
        }
      }
      case SIZE_LF -> {
        expect(b, '\n');
        state = remaining == 0 ? State.TRAILER_START : State.DATA;
        lineBytes = 0;
      }
      case DATA_CR -> {
        expect(b, '\r');
        state = State.DATA_LF;
      }
      case DATA_LF -> {
        expect(b, '\n');
        state = State.SIZE;
        digits = 0;
        lineBytes = 0;
      }
      case TRAILER_START -> {
        if (b == '\r') {
          state = State.LAST_LF;
        } else {
          trailerName(b);
        }
      }
      case TRAILER_NAME -> {
        if (b == ':') {
          state = State.TRAILER_VALUE;
        } else {
          trailerName(b);
        }
      }
      case TRAILER_VALUE -> {
        if (b == '\r') {
          state = State.TRAILER_LF;
        } else {
          count(b, MAX_TRAILERS);
        }
      }
      case TRAILER_LF -> {
        expect(b, '\n');
        state = State.TRAILER_START;
      }
      case LAST_LF -> {
        expect(b, '\n');
        state = State.DONE;
      }
      case DONE, COUNTED, UNTIL_CLOSE, DATA ->
          throw new IllegalStateException("no framing in " + state);
    }
  }

  private void size(byte b) throws MalformedMessage {
    int digit = Ascii.hex(b);
    if (digit >= 0) {
      if (++digits > 15) {
        throw new MalformedMessage(HeadProblem.INVALID_CHUNK);
      }
      remaining = remaining << 4 | digit;
    } else if (digits > 0 && b == '\r') {
      state = State.SIZE_LF;
    } else if (digits > 0 && (b == ';' || b == ' ' || b == '\t')) {
      state = State.EXTENSION;
    } else {
      throw new MalformedMessage(HeadProblem.INVALID_CHUNK);
    }
  }

  private void trailerName(byte b) throws MalformedMessage {
    if (!Ascii.isToken(b)) {
      throw new MalformedMessage(HeadProblem.INVALID_CHUNK);
    }
    state = State.TRAILER_NAME;
    count(b, MAX_TRAILERS);
  }

  private void count(byte b, int limit) throws MalformedMessage {
    if (!Ascii.isFieldContent(b) || ++lineBytes > limit) {
      throw new MalformedMessage(HeadProblem.INVALID_CHUNK);
    }
  }

  private static void expect(byte b, char c) throws MalformedMessage {
    if (b != c) {
      throw new MalformedMessage(HeadProblem.INVALID_CHUNK);
    }
  }
}
