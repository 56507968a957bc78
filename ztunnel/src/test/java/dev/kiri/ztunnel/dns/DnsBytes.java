package dev.kiri.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DefaultDnsPtrRecord;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Messages as other programs write and read them: questions by hand, answers by Netty's decoder.
public final class DnsBytes {
  public static final int A = 1;
  public static final int NS = 2;
  public static final int TXT = 16;
  public static final int AAAA = 28;

  private DnsBytes() {}

  /// A question with recursion desired.
  public static ByteBuf question(int id, String name, int type) {
    var out = Unpooled.buffer();
    out.writeShort(id).writeShort(0x0100).writeShort(1).writeShort(0).writeShort(0).writeShort(0);
    name(out, name);
    return out.writeShort(type).writeShort(1);
  }

  /// The same from a client that takes larger answers.
  public static ByteBuf question(int id, String name, int type, int payload) {
    var out = question(id, name, type);
    out.setShort(10, 1);
    return out.writeByte(0).writeShort(41).writeShort(payload).writeInt(0).writeShort(0);
  }

  /// What the reader makes of a question.
  static DnsQuery query(String name, int type) {
    return query(question(7, name, type));
  }

  static DnsQuery query(ByteBuf message) {
    if (QueryReader.read(message) instanceof QueryReader.Received.Question(var query)) {
      return query;
    }
    throw new IllegalArgumentException("no question");
  }

  static void name(ByteBuf out, String name) {
    for (var label : name.split("\\.")) {
      if (!label.isEmpty()) {
        var bytes = label.getBytes(StandardCharsets.US_ASCII);
        out.writeByte(bytes.length).writeBytes(bytes);
      }
    }
    out.writeByte(0);
  }

  /// An answer to a question: header and question copied, one record for each address, and where
  /// there is none an SOA that says for how long.
  public static ByteBuf answer(ByteBuf question, int code, int ttl, String... addresses) {
    var query = query(question.duplicate());
    var out = Unpooled.buffer();
    out.writeShort(query.id()).writeShort(0x8580 | code).writeShort(1);
    out.writeShort(addresses.length).writeShort(addresses.length == 0 ? 1 : 0).writeShort(0);
    query.name().writeTo(out);
    out.writeShort(query.type()).writeShort(1);
    for (var address : addresses) {
      var bytes = InetAddress.ofLiteral(address).getAddress();
      out.writeShort(0xc00c).writeShort(query.type()).writeShort(1).writeInt(ttl);
      out.writeShort(bytes.length).writeBytes(bytes);
    }
    if (addresses.length == 0) {
      out.writeByte(0).writeShort(6).writeShort(1).writeInt(ttl).writeShort(22);
      out.writeByte(0).writeByte(0).writeInt(1).writeInt(1).writeInt(1).writeInt(1).writeInt(ttl);
    }
    return out;
  }

  /// An answer as another program understands it.
  ///
  /// @param records the answers as `owner TYPE value`
  /// @param ttls how long each of them holds, in seconds
  /// @param optionsClass the largest answer the server takes, 0 without options
  /// @param optionsTtl the upper bits of the code, and more
  public record Answer(
      int id,
      DnsResponseCode code,
      boolean authoritative,
      boolean truncated,
      boolean recursionDesired,
      boolean recursionAvailable,
      List<String> records,
      List<Long> ttls,
      int optionsClass,
      long optionsTtl) {}

  /// Decodes an answer, which is consumed.
  public static Answer decode(ByteBuf answer) {
    var channel = new EmbeddedChannel(new DatagramDnsResponseDecoder(new Compressed()));
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
    channel.writeInbound(new DatagramPacket(answer, here, here));
    DnsResponse response = channel.readInbound();
    try {
      DnsRecord options =
          response.count(DnsSection.ADDITIONAL) == 0
              ? null
              : response.recordAt(DnsSection.ADDITIONAL);
      return new Answer(
          response.id(),
          response.code(),
          response.isAuthoritativeAnswer(),
          response.isTruncated(),
          response.isRecursionDesired(),
          response.isRecursionAvailable(),
          records(response),
          ttls(response),
          options == null ? 0 : options.dnsClass(),
          options == null ? 0 : options.timeToLive());
    } finally {
      response.release();
    }
  }

  private static List<Long> ttls(DnsResponse response) {
    var ttls = new ArrayList<Long>();
    for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
      DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
      ttls.add(record.timeToLive());
    }
    return ttls;
  }

  /// Aliases keep their target readable.
  private static final class Compressed extends DefaultDnsRecordDecoder {
    @Override
    protected DnsRecord decodeRecord(
        String name, DnsRecordType type, int dnsClass, long ttl, ByteBuf in, int offset, int length)
        throws Exception {
      return type.equals(DnsRecordType.CNAME)
          ? new DefaultDnsPtrRecord(
              name, dnsClass, ttl, decodeName(in.duplicate().setIndex(offset, offset + length)))
          : super.decodeRecord(name, type, dnsClass, ttl, in, offset, length);
    }
  }

  private static List<String> records(DnsResponse response) {
    var lines = new ArrayList<String>();
    for (int i = 0; i < response.count(DnsSection.ANSWER); i++) {
      DnsRecord record = response.recordAt(DnsSection.ANSWER, i);
      lines.add(
          switch (record) {
            case DnsPtrRecord alias -> alias.name() + " CNAME " + alias.hostname();
            case DnsRawRecord raw -> raw.name() + " " + raw.type().name() + " " + address(raw);
            default -> record.toString();
          });
    }
    return lines;
  }

  private static String address(DnsRawRecord record) {
    var bytes = new byte[record.content().readableBytes()];
    record.content().getBytes(record.content().readerIndex(), bytes);
    try {
      return text(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException noAddress) {
      return bytes.length + " bytes";
    }
  }

  static String text(InetAddress address) {
    return NetUtil.toAddressString(address);
  }
}
