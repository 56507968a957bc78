package dev.kiri.waypoint.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.waypoint.proxy.ClientHello.Verdict;
import dev.kiri.waypoint.testing.Hellos;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The server name in a TLS client's first bytes.
class ClientHelloTest {
  private static final byte[] HELLO = Hellos.naming("api.shop.test");

  private static Verdict look(byte... bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    Verdict verdict = ClientHello.look(in);
    assertThat(in.readableBytes()).as("nothing is consumed").isEqualTo(bytes.length);
    return verdict;
  }

  @Test
  void a_whole_hello_tells_its_name_and_every_shorter_one_asks_for_more() {
    assertThat(look(HELLO)).isEqualTo(new Verdict.Hello("api.shop.test"));
    for (int length = 0; length < HELLO.length; length++) {
      assertThat(look(Arrays.copyOf(HELLO, length)))
          .as(length + " bytes")
          .isEqualTo(new Verdict.More());
    }
  }

  @Test
  void a_hello_without_a_name_is_one() {
    assertThat(look(Hellos.naming(null))).isEqualTo(new Verdict.Hello(null));
  }

  @Test
  void a_hello_cut_into_records_of_seven_bytes_is_put_together() {
    ByteBuf cut = Unpooled.buffer();
    for (int at = 5; at < HELLO.length; at += 7) {
      int length = Math.min(7, HELLO.length - at);
      cut.writeBytes(HELLO, 0, 3).writeShort(length).writeBytes(HELLO, at, length);
    }

    assertThat(ClientHello.look(cut)).isEqualTo(new Verdict.Hello("api.shop.test"));
  }

  @Test
  void other_protocols_empty_records_and_huge_lengths_are_not_tls() {
    Verdict not = new Verdict.NotTls();
    assertThat(look("GET / HTTP/1.1".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
        .isEqualTo(not);
    assertThat(look((byte) 22, (byte) 2)).isEqualTo(not);
    assertThat(look((byte) 22, (byte) 3, (byte) 1, (byte) 0, (byte) 0)).isEqualTo(not);
    assertThat(look((byte) 22, (byte) 3, (byte) 1, (byte) 0x7f, (byte) 0)).isEqualTo(not);
    assertThat(
            look(
                (byte) 22, (byte) 3, (byte) 1, (byte) 0, (byte) 4, (byte) 1, (byte) 1, (byte) 0,
                (byte) 0))
        .isEqualTo(not);
  }

  @Test
  void whatever_bytes_are_spoilt_there_is_a_verdict() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] spoilt = HELLO.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt();
      }
      assertThat(look(spoilt)).isNotNull();
    }
  }
}
