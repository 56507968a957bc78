package dev.kiri.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a name server said, as far as a forwarder must understand it. Immutable.
///
/// `keepSeconds` is how long the answer may be given again, 0 for not at all; `ttlOffsets` are
/// where its remaining times stand, counted from the start of the message.
record UpstreamReply(
    int code,
    boolean truncated,
    int keepSeconds,
    List<Integer> ttlOffsets,
    List<InetAddress> addresses) {
  private static final int TRUNCATED = 0x0200;

  /// An answer may be told again for an hour at most, a name's absence for half a minute: what does
  /// not exist now may be deployed next.
  private static final int MAX_KEEP = 3600;

  private static final int MAX_ABSENT = 30;

  UpstreamReply {
    ttlOffsets = List.copyOf(ttlOffsets);
    addresses = List.copyOf(addresses);
  }

  /// Understands a message without changing it; null if it does not answer this question.
  static @Nullable UpstreamReply of(ByteBuf message, int id, DnsQuery query) {
    var in = message.slice();
    if (in.readableBytes() < QueryReader.HEADER || in.readUnsignedShort() != id) {
      return null;
    }
    int flags = in.readUnsignedShort();
    int code = flags & 0xf;
    int questions = in.readUnsignedShort();
    if ((flags & 0x8000) == 0) {
      return null;
    }
    var counts = new int[] {in.readUnsignedShort(), in.readUnsignedShort(), in.readUnsignedShort()};
    if (questions == 0 && code != DnsCode.NO_ERROR && code != DnsCode.NO_SUCH_NAME) {
      return new UpstreamReply(code, false, 0, List.of(), List.of());
    }
    if (questions != 1 || !sameQuestion(in, query)) {
      return null;
    }
    boolean truncated = (flags & TRUNCATED) != 0;
    var records = new Records(query.type());
    boolean whole = records.read(in, counts);
    boolean tellable = whole && !truncated;
    return new UpstreamReply(
        code,
        truncated,
        tellable ? records.keepSeconds(code) : 0,
        tellable ? records.ttlOffsets : List.of(),
        records.addresses);
  }

  private static boolean sameQuestion(ByteBuf in, DnsQuery query) {
    var name = DnsName.read(in);
    return name != null
        && in.readableBytes() >= 4
        && name.text().equals(query.name().text())
        && in.readUnsignedShort() == query.type()
        && in.readUnsignedShort() == query.dnsClass();
  }

  /// The three sections of records.
  private static final class Records {
    private final int wanted;
    private final List<Integer> ttlOffsets = new ArrayList<>();
    private final List<InetAddress> addresses = new ArrayList<>();
    private int answerSeconds = Integer.MAX_VALUE;
    private int absentSeconds;
    private boolean answered;

    Records(int wanted) {
      this.wanted = wanted;
    }

    /// False if the message ends too early.
    boolean read(ByteBuf in, int[] counts) {
      for (int section = 0; section < counts.length; section++) {
        for (int n = 0; n < counts[section]; n++) {
          if (!DnsName.skip(in) || in.readableBytes() < 10 || !read(in, section)) {
            return false;
          }
        }
      }
      return true;
    }

    private boolean read(ByteBuf in, int section) {
      int type = in.readUnsignedShort();
      in.skipBytes(2);
      int ttlAt = in.readerIndex();
      int ttl = Math.max(0, in.readInt()); // a set sign bit counts as 0 (RFC 2181 8)
      int length = in.readUnsignedShort();
      if (in.readableBytes() < length) {
        return false;
      }
      if (type != DnsQuery.OPT) {
        ttlOffsets.add(ttlAt);
      }
      if (section == 0) {
        answered = true;
        answerSeconds = Math.min(answerSeconds, ttl);
        address(in, type, length);
      } else if (section == 1 && type == DnsQuery.SOA && length >= 22) {
        // RFC 2308 5: the smaller of the record's own time and its last field
        int minimum = Math.max(0, in.getInt(in.readerIndex() + length - 4));
        absentSeconds = Math.min(ttl, minimum);
      }
      in.skipBytes(length);
      return true;
    }

    private void address(ByteBuf in, int type, int length) {
      boolean address = type == DnsQuery.A && length == 4 || type == DnsQuery.AAAA && length == 16;
      if (type != wanted || !address) {
        return;
      }
      var bytes = new byte[length];
      in.getBytes(in.readerIndex(), bytes);
      try {
        addresses.add(InetAddress.getByAddress(bytes));
      } catch (UnknownHostException impossible) {
        throw new IllegalArgumentException(Arrays.toString(bytes), impossible);
      }
    }

    int keepSeconds(int code) {
      return switch (code) {
        case DnsCode.NO_ERROR ->
            answered ? Math.min(answerSeconds, MAX_KEEP) : Math.min(absentSeconds, MAX_ABSENT);
        case DnsCode.NO_SUCH_NAME -> Math.min(absentSeconds, MAX_ABSENT);
        default -> 0;
      };
    }
  }
}
