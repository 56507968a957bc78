package dev.kiri.ztunnel.dns;

import static dev.kiri.ztunnel.dns.DnsBytes.A;
import static dev.kiri.ztunnel.dns.DnsBytes.query;
import static dev.kiri.ztunnel.dns.DnsBytes.question;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.ztunnel.dns.QueryReader.Received;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DnsMessagesTest {
  private static final ByteBufAllocator MEMORY = ByteBufAllocator.DEFAULT;

  @Test
  void a_question_is_read_with_what_its_client_can() {
    var plain = query(question(7, "Www.Example.com.", A));
    var larger = query(question(7, "www.example.com.", A, 1232));

    assertThat(plain.name().text()).isEqualTo("www.example.com");
    assertThat(plain.name().labels()).isEqualTo(3);
    assertThat(plain.udpLimit()).isEqualTo(512);
    assertThat(larger.udpLimit()).isEqualTo(1232);
    assertThat(query(question(7, "a.", A, 100)).udpLimit()).isEqualTo(512);
  }

  @Test
  void what_is_no_question_is_answered_with_the_reason() {
    assertThat(codeOf(question(7, "a.", A).setShort(2, 0x8000))).isEqualTo(DnsCode.FORMAT_ERROR);
    assertThat(codeOf(question(7, "a.", A).setShort(2, 0x2800))).isEqualTo(DnsCode.NOT_IMPLEMENTED);
    assertThat(codeOf(question(7, "a.", A).setShort(4, 0))).isEqualTo(DnsCode.FORMAT_ERROR);
    assertThat(codeOf(question(7, "a.", A).setShort(4, 2))).isEqualTo(DnsCode.FORMAT_ERROR);
    assertThat(codeOf(question(7, "a.", A).setShort(10, 1))).isEqualTo(DnsCode.FORMAT_ERROR);
    var newer = question(7, "a.", A, 1232);
    newer.setByte(newer.writerIndex() - 5, 1);
    assertThat(codeOf(newer)).isEqualTo(DnsCode.BAD_VERSION);
    var twice = question(7, "a.", A, 1232).setShort(10, 2);
    twice.writeByte(0).writeShort(41).writeShort(512).writeInt(0).writeShort(0);
    assertThat(codeOf(twice)).isEqualTo(DnsCode.FORMAT_ERROR);
  }

  @Test
  void a_name_that_is_compressed_or_cut_or_too_long_is_malformed() {
    var pointing = question(7, "a.", A).setByte(12, 0xc0);
    var reserved = question(7, "a.", A).setByte(12, 0x41);
    var cut = question(7, "abcdef.", A).writerIndex(15);
    var label = "abcdefghi.";

    assertThat(codeOf(pointing)).isEqualTo(DnsCode.FORMAT_ERROR);
    assertThat(codeOf(reserved)).isEqualTo(DnsCode.FORMAT_ERROR);
    assertThat(codeOf(cut)).isEqualTo(DnsCode.FORMAT_ERROR);
    assertThat(query(question(7, label.repeat(25) + "abc.", A)).name().length()).isEqualTo(255);
    assertThat(codeOf(question(7, label.repeat(25) + "abcd.", A))).isEqualTo(DnsCode.FORMAT_ERROR);
  }

  @Test
  void less_than_a_header_is_noise() {
    assertThat(QueryReader.read(Unpooled.wrappedBuffer(new byte[11])))
        .isEqualTo(new Received.Noise());
    assertThat(QueryReader.read(Unpooled.EMPTY_BUFFER)).isEqualTo(new Received.Noise());
  }

  @Test
  void bytes_that_no_host_name_has_match_no_name() {
    var message = question(7, "a.b.", A).setByte(13, '.');

    assertThat(query(message).name().text()).isEqualTo("\\046.b");
  }

  @Test
  void refusals_are_messages_that_others_understand() {
    var refused = new Received.Wrong(9, 0x0100, DnsCode.NOT_IMPLEMENTED);
    var newer = new Received.Wrong(9, 0x0100, DnsCode.BAD_VERSION);

    var plain = DnsBytes.decode(ReplyWriter.code(MEMORY, refused));
    var extended = DnsBytes.decode(ReplyWriter.code(MEMORY, newer));

    assertThat(plain.id()).isEqualTo(9);
    assertThat(plain.code()).isEqualTo(DnsResponseCode.NOTIMP);
    assertThat(plain.recursionDesired()).isTrue();
    assertThat(extended.code()).isEqualTo(DnsResponseCode.NOERROR);
    assertThat(extended.optionsTtl() >> 24).isEqualTo(1);
  }

  @Test
  void an_alias_owns_the_addresses_and_keeps_the_letters_asked_with() {
    var asked = query(question(7, "Web.ns1.ns1.svc.cluster.local.", A));

    var answer =
        DnsBytes.decode(ReplyWriter.addresses(MEMORY, asked, asked.name().first(2), some(2), 512));

    assertThat(answer.authoritative()).isTrue();
    assertThat(answer.recursionAvailable()).isTrue();
    assertThat(answer.records())
        .containsExactly(
            "Web.ns1.ns1.svc.cluster.local. CNAME Web.ns1.",
            "Web.ns1. A 10.0.0.0",
            "Web.ns1. A 10.0.0.1");
  }

  @Test
  void what_does_not_fit_is_left_out_and_said_so() {
    var asked = query(question(7, "many.ns1.", A, 1232));

    var cut = ReplyWriter.addresses(MEMORY, asked, null, some(256), asked.udpLimit());
    int length = cut.readableBytes();
    var told = DnsBytes.decode(cut);

    assertThat(length).isLessThanOrEqualTo(1232);
    assertThat(told.truncated()).isTrue();
    assertThat(told.records()).hasSize(74); // as upstream
    assertThat(told.optionsClass()).isEqualTo(1232);
    var whole = DnsBytes.decode(ReplyWriter.addresses(MEMORY, asked, null, some(256), 65_535));
    assertThat(whole.truncated()).isFalse();
    assertThat(whole.records()).hasSize(256);
  }

  @Test
  void an_answer_of_a_name_server_is_heard_only_if_it_answers_the_question() {
    var asked = question(7, "web.example.", A);
    var query = query(asked.duplicate());
    var answer = DnsBytes.answer(asked, 0, 60, "10.0.0.1", "10.0.0.2");

    var heard = UpstreamReply.of(answer, 7, query);

    assertThat(heard).isNotNull();
    assertThat(heard.keepSeconds()).isEqualTo(60);
    assertThat(heard.addresses()).hasSize(2);
    assertThat(UpstreamReply.of(answer, 8, query)).isNull();
    assertThat(UpstreamReply.of(asked, 7, query)).isNull();
    assertThat(UpstreamReply.of(answer, 7, query("other.example.", A))).isNull();
    assertThat(UpstreamReply.of(answer, 7, query("web.example.", DnsBytes.AAAA))).isNull();
    assertThat(UpstreamReply.of(answer.copy(0, 11), 7, query)).isNull();
  }

  @Test
  void an_answer_that_is_cut_short_is_passed_on_but_not_told_again() {
    var asked = question(7, "web.example.", A);
    var answer = DnsBytes.answer(asked, 0, 60, "10.0.0.1");

    var heard =
        UpstreamReply.of(answer.copy(0, answer.readableBytes() - 2), 7, query(asked.duplicate()));

    assertThat(heard).isNotNull();
    assertThat(heard.keepSeconds()).isZero();
  }

  private static int codeOf(ByteBuf message) {
    return QueryReader.read(message) instanceof Received.Wrong(_, _, var code) ? code : 0;
  }

  private static List<InetAddress> some(int count) {
    var addresses = new ArrayList<InetAddress>();
    for (int i = 0; i < count; i++) {
      addresses.add(InetAddress.ofLiteral("10.0." + i / 256 + "." + i % 256));
    }
    return addresses;
  }
}
