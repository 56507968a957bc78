package dev.kiri.waypoint.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.waypoint.upstream.Announced.Version;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Headers of PROXY protocol (haproxy doc/proxy-protocol.txt 2.1 and 2.2).
class AnnouncedTest {
  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(address), port);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.2, PROXY TCP4 192.0.2.1 192.0.2.2 1 80",
    "2001:db8::1, 2001:db8::2, PROXY TCP6 2001:db8:0:0:0:0:0:1 2001:db8:0:0:0:0:0:2 1 80",
    "192.0.2.1, 2001:db8::2, PROXY UNKNOWN"
  })
  void version_1_is_a_line(String source, String destination, String line) {
    byte[] header = new Announced(Version.V1, at(source, 1), at(destination, 80)).header();

    assertThat(new String(header, StandardCharsets.US_ASCII)).isEqualTo(line + "\r\n");
  }

  @Test
  void without_addresses_nobody_is_named() {
    InetSocketAddress name = InetSocketAddress.createUnresolved("a.example", 80);

    assertThat(
            new String(new Announced(Version.V1, null, name).header(), StandardCharsets.US_ASCII))
        .isEqualTo("PROXY UNKNOWN\r\n");
    assertThat(
            HexFormat.of().formatHex(new Announced(Version.V2, at("192.0.2.1", 1), name).header()))
        .isEqualTo("0d0a0d0a000d0a515549540a20000000");
  }
}
