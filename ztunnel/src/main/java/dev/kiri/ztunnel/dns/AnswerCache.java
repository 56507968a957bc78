package dev.kiri.ztunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What name servers said, for as long as they said it holds. Confined to one event loop.
///
/// At most [#MAX_ANSWERS] answers of at most [#MAX_BYTES] each; the one that was least recently
/// wanted goes first. The remaining times in an answer are lowered by its age.
final class AnswerCache {
  static final int MAX_ANSWERS = 128;
  static final int MAX_BYTES = 512;

  // recursion desired, checking disabled: a client that differs gets another answer
  private static final int TELLING_FLAGS = 0x0110;

  private final LongSupplier nanos;
  private final Map<Key, Answer> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Answer> eldest) {
          return size() > MAX_ANSWERS;
        }
      };

  /// `nanos` is a monotonic clock.
  AnswerCache(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /// Questions that have the same answer.
  private record Key(String name, int type, int dnsClass, boolean edns, boolean dnssec, int flags) {
    static Key of(DnsQuery query) {
      var edns = query.edns();
      return new Key(
          query.name().text(),
          query.type(),
          query.dnsClass(),
          edns != null,
          edns != null && edns.dnssec(),
          query.flags() & TELLING_FLAGS);
    }
  }

  /// `message` lies on the heap and needs no release.
  private record Answer(ByteBuf message, List<Integer> ttlOffsets, long since, long until) {}

  /// Keeps an answer if it may be told again.
  void put(DnsQuery query, ByteBuf message, UpstreamReply reply) {
    int length = message.readableBytes();
    if (reply.keepSeconds() == 0 || length > MAX_BYTES) {
      return;
    }
    var copy = Unpooled.buffer(length, length);
    message.getBytes(message.readerIndex(), copy);
    long now = nanos.getAsLong();
    long until = now + TimeUnit.SECONDS.toNanos(reply.keepSeconds());
    answers.put(Key.of(query), new Answer(copy, reply.ttlOffsets(), now, until));
  }

  /// An answer of at most `limit` bytes to this very question; null if there is none that still
  /// holds.
  @Nullable ByteBuf get(ByteBufAllocator memory, DnsQuery query, int limit) {
    var key = Key.of(query);
    var answer = answers.get(key);
    long now = nanos.getAsLong();
    if (answer == null || answer.message().readableBytes() > limit) {
      return null;
    }
    if (now - answer.until() >= 0) {
      answers.remove(key);
      return null;
    }
    return told(memory, answer, query, TimeUnit.NANOSECONDS.toSeconds(now - answer.since()));
  }

  private static ByteBuf told(
      ByteBufAllocator memory, Answer answer, DnsQuery query, long ageSeconds) {
    var out = memory.buffer().writeBytes(answer.message().duplicate());
    out.setShort(0, query.id());
    // the name in the letters of who asks
    var name = Unpooled.buffer(query.name().length());
    query.name().writeTo(name);
    out.setBytes(QueryReader.HEADER, name, name.readableBytes());
    for (int offset : answer.ttlOffsets()) {
      long ttl = Math.max(0, out.getInt(offset));
      out.setInt(offset, (int) Math.max(0, ttl - ageSeconds));
    }
    return out;
  }

  int size() {
    return answers.size();
  }
}
