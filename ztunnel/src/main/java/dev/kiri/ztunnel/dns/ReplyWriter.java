package dev.kiri.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Writes answers. Pure; the caller owns what it gets.
final class ReplyWriter {
  private static final int RESPONSE = 0x8000;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_AVAILABLE = 0x0080;
  // what an answer has of its question: operation, and whether recursion was desired
  private static final int ECHOED = 0x7900;
  private static final int QUESTION_NAME = 0xc000 | QueryReader.HEADER;
  private static final int OPT_LENGTH = 11;
  private static final int RECORD_HEAD = 12;
  private static final int TTL_SECONDS = 30;

  private ReplyWriter() {}

  /// An answer from what the mesh knows, of at most `limit` bytes: what does not fit is left out
  /// and the answer says so. `alias` is the name the addresses belong to where it is not the one
  /// asked for.
  static ByteBuf addresses(
      ByteBufAllocator memory,
      DnsQuery query,
      @Nullable DnsName alias,
      Iterable<InetAddress> addresses,
      int limit) {
    var out = memory.buffer(DnsQuery.PLAIN_UDP);
    int start = out.writerIndex();
    header(out, query.id(), query.flags(), AUTHORITATIVE);
    question(out, query);
    int room = limit - (query.edns() == null ? 0 : OPT_LENGTH);
    int owner = QUESTION_NAME;
    int answers = 0;
    boolean truncated = false;
    if (alias != null) {
      truncated = out.readableBytes() + RECORD_HEAD + alias.length() > room;
      if (!truncated) {
        record(out, owner, DnsQuery.CNAME, alias.length());
        owner = 0xc000 | out.writerIndex() - start;
        alias.writeTo(out);
        answers++;
      }
    }
    for (var address : addresses) {
      var bytes = address.getAddress();
      truncated |= out.readableBytes() + RECORD_HEAD + bytes.length > room;
      if (truncated) {
        break;
      }
      record(out, owner, query.type(), bytes.length);
      out.writeBytes(bytes);
      answers++;
    }
    out.setShort(start + 6, answers);
    if (truncated) {
      out.setShort(start + 2, out.getUnsignedShort(start + 2) | TRUNCATED);
    }
    return withOptions(out, start, query);
  }

  /// An answer without records, of our own (`authoritative`) or because nobody could be asked.
  static ByteBuf empty(ByteBufAllocator memory, DnsQuery query, int code, boolean authoritative) {
    var out = memory.buffer(DnsQuery.PLAIN_UDP);
    int start = out.writerIndex();
    header(out, query.id(), query.flags(), code | (authoritative ? AUTHORITATIVE : 0));
    question(out, query);
    return withOptions(out, start, query);
  }

  /// The answer to something that is no question.
  static ByteBuf code(ByteBufAllocator memory, QueryReader.Received.Wrong wrong) {
    var out = memory.buffer(QueryReader.HEADER + OPT_LENGTH);
    int start = out.writerIndex();
    header(out, wrong.id(), wrong.flags(), wrong.code() & 0xf);
    out.setShort(start + 4, 0);
    if (wrong.code() > 0xf) { // its upper bits have room in the options only (RFC 6891 6.1.3)
      options(out, start, DnsQuery.PLAIN_UDP, wrong.code() >> 4 << 24);
    }
    return out;
  }

  /// The question itself, to be sent to others.
  static ByteBuf question(ByteBufAllocator memory, DnsQuery query) {
    var out = memory.buffer(DnsQuery.PLAIN_UDP);
    header(out, query.id(), query.flags(), 0);
    out.setShort(2, query.flags());
    question(out, query);
    return out;
  }

  private static void header(ByteBuf out, int id, int flags, int more) {
    out.writeShort(id).writeShort(flags & ECHOED | RESPONSE | RECURSION_AVAILABLE | more);
    out.writeShort(1).writeShort(0).writeShort(0).writeShort(0);
  }

  private static void question(ByteBuf out, DnsQuery query) {
    query.name().writeTo(out);
    out.writeShort(query.type()).writeShort(query.dnsClass());
  }

  private static void record(ByteBuf out, int owner, int type, int length) {
    out.writeShort(owner).writeShort(type).writeShort(DnsQuery.INTERNET);
    out.writeInt(TTL_SECONDS).writeShort(length);
  }

  private static ByteBuf withOptions(ByteBuf out, int start, DnsQuery query) {
    var edns = query.edns();
    if (edns != null) {
      options(out, start, query.udpLimit(), edns.dnssec() ? 0x8000 : 0);
    }
    return out;
  }

  private static void options(ByteBuf out, int start, int payload, int extended) {
    out.writeByte(0).writeShort(DnsQuery.OPT).writeShort(payload).writeInt(extended).writeShort(0);
    out.setShort(start + 10, 1);
  }
}
