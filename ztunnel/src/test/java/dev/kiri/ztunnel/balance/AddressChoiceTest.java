package dev.kiri.ztunnel.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.WorkloadBuilder;
import java.net.InetAddress;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressChoiceTest {

  @ParameterizedTest(name = "{0} as {1}, asked {2}: {3}")
  @CsvSource({
    "192.0.2.1 2001:db8::1, AUTOMATIC, 2001:db8::1, 2001:db8::1",
    "192.0.2.1 192.0.2.2, IPV6_ONLY, 192.0.2.2, 192.0.2.2",
    "192.0.2.1 2001:db8::1, DUAL, 198.51.100.1, 192.0.2.1",
    "192.0.2.1 2001:db8::1, DUAL, 2001:db8:1::1, 2001:db8::1",
    "192.0.2.1 2001:db8::1, IPV6_ONLY, 198.51.100.1, 2001:db8::1",
    "192.0.2.1 2001:db8::1, IPV4_ONLY, 2001:db8:1::1, 192.0.2.1",
    "192.0.2.1, AUTOMATIC, 2001:db8:1::1, 192.0.2.1",
    "192.0.2.1, IPV6_ONLY, 198.51.100.1, none"
  })
  void the_address_asked_for_then_the_family_asked_for(
      String addresses, IpFamilies families, String asked, String expected) {
    var own = Arrays.stream(addresses.split(" ")).map(InetAddress::ofLiteral).toList();
    var workload = new WorkloadBuilder("w").addresses(own).build();

    var chosen = AddressChoice.of(workload, families, InetAddress.ofLiteral(asked));

    assertThat(chosen).isEqualTo(expected.equals("none") ? null : InetAddress.ofLiteral(expected));
  }
}
