package dev.kiri.hbone.proxyprotocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Incomplete;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Local;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Malformed;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Relayed;
import dev.kiri.hbone.proxyprotocol.ProxyHeaderRead.Unaddressed;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bytes of PROXY protocol version 2 as HAProxy's `doc/proxy-protocol.txt` 2.2 lays them out, and
/// the identity as istio/ztunnel `src/proxy/inbound.rs` adds it.
final class ProxyHeaderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
  private static final String FROM_TO_V4 = "c0000201" + "c0000202" + "c822" + "0050";
  private static final SpiffeId ID = SpiffeId.of("td", "n", "a");
  private static final String ID_VECTOR =
      "d0" + "0015" + "7370696666653a2f2f74642f6e732f6e2f73612f61";

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  private static ProxyHeaderRead read(String hex) {
    return ProxyHeaderReader.read(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
  }

  private static String hex(ProxyHeader header) {
    return HexFormat.of().formatHex(header.bytes());
  }

  private static final ProxyHeader PLAIN =
      new ProxyHeader(at("192.0.2.1", 51_234), at("192.0.2.2", 80), null);

  @Nested
  class written {
    @Test
    void two_addresses_of_ipv4() {
      assertThat(hex(PLAIN)).isEqualTo(SIGNATURE + "21" + "11" + "000c" + FROM_TO_V4);
    }

    @Test
    void two_addresses_of_ipv6() {
      var header = new ProxyHeader(at("2001:db8::1", 1), at("2001:db8::2", 2), null);

      assertThat(hex(header))
          .isEqualTo(
              SIGNATURE
                  + "21"
                  + "21"
                  + "0024"
                  + "20010db8000000000000000000000001"
                  + "20010db8000000000000000000000002"
                  + "0001"
                  + "0002");
    }

    @Test
    void the_identity_in_a_vector_of_its_own() {
      var header = new ProxyHeader(PLAIN.source(), PLAIN.destination(), ID);

      assertThat(hex(header)).isEqualTo(SIGNATURE + "21" + "11" + "0024" + FROM_TO_V4 + ID_VECTOR);
    }

    @Test
    void mixed_families_without_addresses() {
      var header = new ProxyHeader(at("192.0.2.1", 1), at("2001:db8::2", 2), ID);

      assertThat(hex(header)).isEqualTo(SIGNATURE + "21" + "00" + "0018" + ID_VECTOR);
    }
  }

  @Nested
  class read {
    @Test
    void is_what_was_written() {
      var v6 = new ProxyHeader(at("2001:db8::1", 1), at("2001:db8::2", 65_535), ID);

      assertThat(ProxyHeaderTest.read(hex(PLAIN))).isEqualTo(new Relayed(PLAIN, 28));
      assertThat(ProxyHeaderTest.read(hex(v6) + "ffff"))
          .isEqualTo(new Relayed(v6, v6.bytes().length));
    }

    @Test
    void waits_for_every_byte_of_a_header() {
      var whole = hex(new ProxyHeader(PLAIN.source(), PLAIN.destination(), ID));
      for (int bytes = 0; bytes < whole.length() / 2; bytes++) {
        assertThat(ProxyHeaderTest.read(whole.substring(0, 2 * bytes)))
            .isEqualTo(new Incomplete(bytes < 16 ? 16 : whole.length() / 2));
      }
    }

    @Test
    void takes_no_addresses_from_a_health_check() {
      assertThat(ProxyHeaderTest.read(SIGNATURE + "20" + "00" + "0000")).isEqualTo(new Local(16));
      assertThat(ProxyHeaderTest.read(SIGNATURE + "20" + "11" + "000c" + FROM_TO_V4))
          .isEqualTo(new Local(28));
    }

    @Test
    void knows_when_there_are_no_addresses() {
      assertThat(ProxyHeaderTest.read(SIGNATURE + "21" + "00" + "0018" + ID_VECTOR))
          .isEqualTo(new Unaddressed(40));
    }

    @Test
    void passes_over_vectors_that_it_does_not_know() {
      var authority = "02" + "0003" + "612e62"; // PP2_TYPE_AUTHORITY
      var nothing = "04" + "0000"; // PP2_TYPE_NOOP
      var reserved = "d1" + "0001" + "61"; // a service name, which upstream reserves

      assertThat(
              ProxyHeaderTest.read(
                  SIGNATURE + "21" + "11" + "0019" + FROM_TO_V4 + authority + nothing + reserved))
          .isEqualTo(new Relayed(PLAIN, 41));
    }

    @Test
    void verifies_a_checksum() {
      var header =
          HexFormat.of()
              .parseHex(SIGNATURE + "21" + "11" + "0013" + FROM_TO_V4 + "03" + "0004" + "00000000");
      var crc = new CRC32C();
      crc.update(header);
      ByteBuffer.wrap(header).putInt(header.length - 4, (int) crc.getValue());

      assertThat(ProxyHeaderReader.read(Unpooled.wrappedBuffer(header)))
          .isEqualTo(new Relayed(PLAIN, 35));
      header[20] ^= 1;
      assertThat(ProxyHeaderReader.read(Unpooled.wrappedBuffer(header)))
          .isEqualTo(new Malformed("a checksum that is wrong"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
      "version 1 in text, 50524f5859205443, no PROXY protocol signature",
      "a TLS hello, 160301, no PROXY protocol signature",
      "version 3, S31110000, version and command 0x31",
      "a command that is none, S22110000, version and command 0x22",
      "UDP, S2112000cA, family and transport 0x12",
      "a Unix socket, S21310000, family and transport 0x31",
      "a family that is none, S21410000, family and transport 0x41",
      "no room for addresses, S2111000bA, addresses longer than the header",
      "a vector cut off, S2111000eA0200, a vector that is cut off",
      "a vector too long, S2111000fA020001, a vector longer than the header",
      "a checksum of two bytes, S21110011A0300020000, a checksum that is wrong",
      "an empty identity, S2111000fAd00000, an identity that is none",
      "an identity that is a word, S21110010Ad0000161, an identity that is none",
      "two identities, S2111003cAII, two identities",
      "a header that is too long, S21111000, 'a header of 4112 bytes, at most 4096 are read'"
    })
    void refuses(String what, String bytes, String why) {
      var hex = bytes.replace("S", SIGNATURE).replace("A", FROM_TO_V4).replace("I", ID_VECTOR);

      assertThat(ProxyHeaderTest.read(hex)).isEqualTo(new Malformed(why));
    }

    @Test
    void refuses_an_identity_with_bytes_that_no_uri_has() {
      for (String odd : new String[] {"00", "0a", "20", "7f", "c3"}) {
        var vector = ID_VECTOR.replaceFirst("61$", odd);

        assertThat(ProxyHeaderTest.read(SIGNATURE + "21" + "11" + "0024" + FROM_TO_V4 + vector))
            .isEqualTo(new Malformed("an identity that is none"));
      }
    }
  }
}
