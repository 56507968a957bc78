package dev.kiri.ztunnel.dns;

import dev.kiri.ztunnel.dns.DnsQuery.Edns;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Reads what a client sent. Pure; a message of any content is either a question or refused.
final class QueryReader {
  static final int HEADER = 12;

  private static final int RESPONSE = 0x8000;
  private static final int OPCODE = 0x7800;

  private QueryReader() {}

  /// What came.
  sealed interface Received {
    /// A question that can be answered.
    record Question(DnsQuery query) implements Received {}

    /// To be answered with nothing but a response code.
    record Wrong(int id, int flags, int code) implements Received {}

    /// Not even a header: there is nobody to answer to.
    record Noise() implements Received {}
  }

  /// Reads from the reader index on, which is left anywhere.
  static Received read(ByteBuf message) {
    if (message.readableBytes() < HEADER) {
      return new Received.Noise();
    }
    int id = message.readUnsignedShort();
    int flags = message.readUnsignedShort();
    int questions = message.readUnsignedShort();
    int records = message.readUnsignedShort() + message.readUnsignedShort();
    int additional = message.readUnsignedShort();
    if ((flags & RESPONSE) != 0) {
      return new Received.Wrong(id, flags, DnsCode.FORMAT_ERROR);
    }
    if ((flags & OPCODE) != 0) {
      return new Received.Wrong(id, flags, DnsCode.NOT_IMPLEMENTED);
    }
    var name = questions == 1 ? DnsName.read(message) : null;
    if (name == null || message.readableBytes() < 4) {
      return new Received.Wrong(id, flags, DnsCode.FORMAT_ERROR);
    }
    int type = message.readUnsignedShort();
    int dnsClass = message.readUnsignedShort();
    var options = new Options();
    int code = options.read(message, records, additional);
    return code == DnsCode.NO_ERROR
        ? new Received.Question(new DnsQuery(id, flags, name, type, dnsClass, options.edns))
        : new Received.Wrong(id, flags, code);
  }

  /// The records behind the question, of which only the one with the client's abilities counts.
  private static final class Options {
    private @Nullable Edns edns;

    int read(ByteBuf message, int records, int additional) {
      for (int n = 0; n < records + additional; n++) {
        if (!DnsName.skip(message) || message.readableBytes() < 10) {
          return DnsCode.FORMAT_ERROR;
        }
        int type = message.readUnsignedShort();
        int size = message.readUnsignedShort();
        int extended = message.readInt();
        int length = message.readUnsignedShort();
        if (message.readableBytes() < length) {
          return DnsCode.FORMAT_ERROR;
        }
        message.skipBytes(length);
        if (type == DnsQuery.OPT && n >= records) {
          if (edns != null) {
            return DnsCode.FORMAT_ERROR;
          }
          if ((extended >> 16 & 0xff) != 0) {
            return DnsCode.BAD_VERSION;
          }
          edns = new Edns(size, (extended & 0x8000) != 0);
        }
      }
      return DnsCode.NO_ERROR;
    }
  }
}
