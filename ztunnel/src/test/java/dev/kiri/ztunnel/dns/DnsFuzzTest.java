package dev.kiri.ztunnel.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.testing.Mutations;
import dev.kiri.ztunnel.dns.QueryReader.Received;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Messages that are almost right, from both sides: understood, refused or passed over, and nothing
/// else happens.
final class DnsFuzzTest {
  private static final int INPUTS = 50_000;

  private static final List<byte[]> SEEDS =
      List.of(
          bytes(DnsBytes.question(7, "web.ns1.svc.cluster.local.", DnsBytes.A)),
          bytes(DnsBytes.question(7, "web.", DnsBytes.AAAA, 1232)),
          bytes(DnsBytes.question(7, ".", DnsBytes.NS)),
          bytes(DnsBytes.answer(DnsBytes.question(7, "a.b.", 1), 0, 30, "10.0.0.1", "10.0.0.2")),
          bytes(DnsBytes.answer(DnsBytes.question(7, "a.b.", 1), 3, 30)));

  @Test
  void any_question_is_answered_with_what_others_understand() {
    var mutations = new Mutations(SEEDS, new Random(1));
    for (int n = 0; n < INPUTS; n++) {
      var input = mutations.next();
      try {
        eat(input);
      } catch (RuntimeException | Error broken) {
        throw new AssertionError(HexFormat.of().formatHex(input), broken);
      }
    }
  }

  private static void eat(byte[] input) {
    switch (QueryReader.read(Unpooled.wrappedBuffer(input))) {
      case Received.Noise() -> assertThat(input.length).isLessThan(QueryReader.HEADER);
      case Received.Wrong wrong -> {
        var answer = DnsBytes.decode(ReplyWriter.code(ByteBufAllocator.DEFAULT, wrong));
        assertThat(answer.id()).isEqualTo(wrong.id());
      }
      case Received.Question(var query) -> {
        var labels = query.name().labels();
        var one = List.of(InetAddress.ofLiteral("10.0.0.1"));
        var alias = labels < 2 ? null : query.name().first(labels - 1);
        var answer =
            query.wantsAddress()
                ? ReplyWriter.addresses(
                    ByteBufAllocator.DEFAULT, query, alias, one, query.udpLimit())
                : ReplyWriter.empty(ByteBufAllocator.DEFAULT, query, DnsCode.NO_ERROR, true);
        assertThat(answer.readableBytes()).isLessThanOrEqualTo(query.udpLimit());
        var heard = UpstreamReply.of(answer, query.id(), query);
        assertThat(heard).isNotNull();
        assertThat(heard.addresses()).hasSizeLessThanOrEqualTo(1);
        answer.release();
        NameCandidates.of(query.name(), "ns1", List.of("cluster.local"), "cluster.local")
            .forEach(NameCandidates::forms);
        UpstreamReply.of(Unpooled.wrappedBuffer(input), 7, query);
      }
    }
    UpstreamReply.of(Unpooled.wrappedBuffer(input), 7, DnsBytes.query("a.b.", DnsBytes.A));
  }

  private static byte[] bytes(io.netty.buffer.ByteBuf message) {
    var bytes = new byte[message.readableBytes()];
    message.readBytes(bytes);
    return bytes;
  }
}
