package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.NetworkAddress;
import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingTest {
  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "2001:db8::9", "fd00:10:244:1::3", "::1"})
  void a_resource_is_found_under_the_name_that_proxies_ask_for(String ip) {
    var address = InetAddress.ofLiteral(ip);

    assertThat(Encoding.alias("n1", address))
        .isEqualTo("n1/" + ip)
        .isEqualTo(new NetworkAddress("n1", address).toString());
  }
}
