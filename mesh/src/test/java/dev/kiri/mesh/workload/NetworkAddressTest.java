package dev.kiri.mesh.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The text is a resource's name on the wire, so it must be spelled as everybody else spells it.
class NetworkAddressTest {
  @ParameterizedTest
  @CsvSource({
    "'', 192.0.2.1, /192.0.2.1",
    "n1, 2001:DB8:0:0:0:0:0:9, n1/2001:db8::9",
    "n1, 2001:db8:0:1:0:0:0:0, n1/2001:db8:0:1::",
    "n1, 0:0:0:0:0:0:0:1, n1/::1",
    "n1, 2001:db8:0:1:1:1:1:1, n1/2001:db8:0:1:1:1:1:1",
  })
  void an_address_is_named_in_the_shortest_spelling(String network, String ip, String text) {
    assertThat(new NetworkAddress(network, InetAddress.ofLiteral(ip))).hasToString(text);
  }
}
