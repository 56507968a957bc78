package dev.kiri.redirect.rules;

import static dev.kiri.redirect.rules.RuleChain.ISTIO_OUTPUT;
import static dev.kiri.redirect.rules.RuleChain.ISTIO_PREROUTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which rules a pod gets, as istio `tools/istio-iptables/pkg/capture` and its golden files have
/// them.
class RuleSetTest {
  static final CaptureSettings V4_ONLY = settings(false);
  static final CaptureSettings DUAL = settings(true);

  static CaptureSettings settings(boolean ipv6) {
    return new CaptureSettings(
        ipv6,
        true,
        (Inet4Address) InetAddress.ofLiteral("169.254.7.127"),
        (Inet6Address) InetAddress.ofLiteral("e9ac:1e77:90ca:399f:4d6d:ece2:2f9b:3164"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DNS on                      | true  | true  | ''                    | P3 P4                   | O1 O2 O3 O4 O5 O6 | M1 M2 M3 M4 | R1 R2 R3 R4
          DNS off                     | true  | false | ''                    | P3 P4                   | O1 O4 O5 O6       | M1 M2 M3 M4 | ''
          bypass inbound              | false | false | ''                    | ''                      | O1 O4 O5 O6       | M1 M2 M3 M4 | ''
          two virtual interfaces      | true  | false | fake1s0f0,fake1s0f1   | P1 P2 P1 P2 P3 P4       | O1 O4 O5 O6       | M1 M2 M3 M4 | ''
          bypass and virtual          | false | false | fake1s0f0,fake1s0f1   | P1 P2 P1 P2             | O1 O4 O5 O6       | M1 M2 M3 M4 | ''
          """)
  void a_pod_gets_these_rules(
      String name,
      boolean inbound,
      boolean dns,
      String interfaces,
      String prerouting,
      String output,
      String mangle,
      String raw) {
    var capture = new PodCapture(inbound, dns, names(interfaces));

    var rules = RuleSet.of(capture, V4_ONLY);

    assertThat(ids(rules, RuleTable.NAT, ISTIO_PREROUTING)).isEqualTo(prerouting);
    assertThat(ids(rules, RuleTable.NAT, ISTIO_OUTPUT)).isEqualTo(output);
    assertThat(ids(rules.of(RuleTable.MANGLE).stream())).isEqualTo(mangle);
    assertThat(ids(rules.of(RuleTable.RAW).stream())).isEqualTo(raw);
  }

  @Test
  void with_ipv6_each_rule_that_names_an_address_has_a_twin_right_after_it() {
    var rules = RuleSet.of(new PodCapture(true, true, List.of()), DUAL);

    assertThat(ids(rules, RuleTable.NAT, ISTIO_PREROUTING)).isEqualTo("P3 P3 P4 P4");
    assertThat(ids(rules, RuleTable.NAT, ISTIO_OUTPUT)).isEqualTo("O1 O1 O2 O3 O3 O4 O5 O5 O6 O6");
    assertThat(rules.rules().stream().filter(rule -> rule.id() == RuleId.P3).map(Rule::family))
        .containsExactly(RuleFamily.IPV4, RuleFamily.IPV6);
  }

  @Test
  void a_kernel_without_conntrack_zones_gets_no_raw_table() {
    var rules = RuleSet.of(new PodCapture(true, true, List.of()), V4_ONLY.withoutConntrackZones());

    assertThat(rules.of(RuleTable.RAW)).isEmpty();
    assertThat(ids(rules, RuleTable.NAT, ISTIO_OUTPUT)).isEqualTo("O1 O2 O3 O4 O5 O6");
  }

  @Test
  void every_rule_that_redirects_tcp_takes_only_packets_that_begin_a_connection() {
    var rules = RuleSet.of(new PodCapture(true, true, names("docker0")), DUAL);

    assertThat(rules.rules())
        .filteredOn(rule -> rule.target() instanceof Target.Redirect)
        .filteredOn(rule -> rule.id() != RuleId.O2)
        .allSatisfy(rule -> assertThat(rule.matches()).contains(new Match.TcpBegin()));
  }

  @ParameterizedTest
  @CsvSource({
    "eth0,true",
    "br-1.2:3,true",
    "'',false",
    "a-name-of-16-chr,false",
    "'eth0\" accept\n',false",
    "x),false"
  })
  void only_an_interface_name_gets_into_a_rule(String name, boolean valid) {
    assertThat(InterfaceName.isValid(name)).isEqualTo(valid);
    if (!valid) {
      assertThatThrownBy(() -> new InterfaceName(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  static List<InterfaceName> names(String list) {
    return Stream.of(list.split(",")).filter(n -> !n.isEmpty()).map(InterfaceName::new).toList();
  }

  private static String ids(RuleSet rules, RuleTable table, RuleChain chain) {
    return ids(rules.of(table).stream().filter(rule -> rule.chain() == chain));
  }

  private static String ids(Stream<Rule> rules) {
    return rules.map(rule -> rule.id().name()).collect(Collectors.joining(" "));
  }
}
