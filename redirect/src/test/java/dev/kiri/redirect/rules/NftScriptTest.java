package dev.kiri.redirect.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The text for nft against golden files, which are changed by hand when the rules change.
class NftScriptTest {
  @Test
  void a_dual_stack_pod_with_dns_has_this_script() throws IOException {
    var script =
        NftScript.apply(RuleSet.of(new PodCapture(true, true, List.of()), RuleSetTest.DUAL));

    assertThat(unmarked(script)).isEqualTo(golden("dual-stack-dns.nft"));
  }

  @Test
  void a_pod_without_dns_and_inbound_has_no_raw_table_and_one_of_before_is_deleted()
      throws IOException {
    var capture = new PodCapture(false, false, RuleSetTest.names("docker0"));

    var script = NftScript.apply(RuleSet.of(capture, RuleSetTest.V4_ONLY));

    assertThat(unmarked(script)).isEqualTo(golden("outbound-only.nft"));
  }

  @Test
  void the_marker_follows_the_rules() {
    var one = NftScript.apply(RuleSet.of(new PodCapture(true, true, List.of()), RuleSetTest.DUAL));
    var same = NftScript.apply(RuleSet.of(new PodCapture(true, true, List.of()), RuleSetTest.DUAL));
    var other =
        NftScript.apply(RuleSet.of(new PodCapture(true, false, List.of()), RuleSetTest.DUAL));

    assertThat(one).isEqualTo(same);
    assertThat(one.marker()).isNotEqualTo(other.marker()).startsWith("mesh-cfg:");
  }

  private static String unmarked(NftScript script) {
    return script.text().replace(script.marker(), "MARK");
  }

  private static String golden(String name) throws IOException {
    try (var stream = NftScriptTest.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
