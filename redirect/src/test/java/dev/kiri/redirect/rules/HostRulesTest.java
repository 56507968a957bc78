package dev.kiri.redirect.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.Namespaces;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The node's rules and its set of probed addresses, in a namespace that plays the node.
class HostRulesTest {
  private static final InetAddress ONE = InetAddress.ofLiteral("192.0.2.11");
  private static final InetAddress SIX = InetAddress.ofLiteral("2001:db8::11");
  private static final InetAddress STRANGER = InetAddress.ofLiteral("6.6.6.6");
  private static final Path NFT = Path.of("/usr/sbin/nft");

  private PodNetns node;
  private HostRules rules;

  @BeforeEach
  void build() throws IOException {
    assumeTrue(Files.isExecutable(NFT), "needs " + NFT);
    node = Namespaces.create(HomeNetns.ofThisThread());
    rules = agent(RuleSetTest.DUAL);
  }

  @AfterEach
  void close() {
    if (node != null) {
      node.close();
    }
  }

  private HostRules agent(CaptureSettings settings) {
    return new HostRules(new Commands(NFT, Path.of("/usr/bin/nsenter")), settings, node);
  }

  private String elements() throws IOException {
    return TestNetwork.run(node, "nft", "list", "ruleset");
  }

  @Test
  void addresses_of_both_families_are_held_with_their_owner() throws Exception {
    rules.start(Map.of(), true);
    rules.add(List.of(ONE, SIX), "uid-1");

    assertThat(elements())
        .contains("192.0.2.11 comment \"uid-1\"")
        .contains("2001:db8::11 comment \"uid-1\"");
  }

  @Test
  void an_address_given_to_another_pod_survives_the_removal_of_the_first() throws Exception {
    rules.start(Map.of(), true);
    rules.add(List.of(ONE), "uid-1");
    rules.add(List.of(ONE), "uid-2");
    rules.remove(List.of(ONE), "uid-1");

    assertThat(elements()).contains("192.0.2.11 comment \"uid-2\"");

    rules.remove(List.of(ONE), "uid-2");
    assertThat(elements()).doesNotContain("192.0.2.11");
  }

  @Test
  void at_the_start_strangers_go_only_when_all_pods_are_known() throws Exception {
    rules.start(Map.of(ONE, "uid-1", STRANGER, "gone"), true);

    agent(RuleSetTest.DUAL).start(Map.of(ONE, "uid-1"), false);
    assertThat(elements()).contains("6.6.6.6");

    agent(RuleSetTest.DUAL).start(Map.of(ONE, "uid-1"), true);
    assertThat(elements()).doesNotContain("6.6.6.6").contains("192.0.2.11");
  }

  @Test
  void a_second_agent_changes_nothing_that_is_right() throws Exception {
    rules.start(Map.of(ONE, "uid-1"), true);
    var before = TestNetwork.run(node, "nft", "-a", "list", "ruleset");

    agent(RuleSetTest.DUAL).start(Map.of(ONE, "uid-1"), true);

    assertThat(TestNetwork.run(node, "nft", "-a", "list", "ruleset")).isEqualTo(before);
    assertThat(rules.reassert()).isFalse();
  }

  @Test
  void what_others_flush_comes_back() throws Exception {
    rules.start(Map.of(ONE, "uid-1"), true);
    TestNetwork.run(node, "nft", "flush", "ruleset");

    assertThat(rules.reassert()).isTrue();
    assertThat(elements()).contains("skuid").contains("192.0.2.11 comment \"uid-1\"");
  }

  @Test
  void turning_ipv6_off_takes_its_set_away() throws Exception {
    rules.start(Map.of(ONE, "uid-1", SIX, "uid-1"), true);

    var less = agent(RuleSetTest.V4_ONLY);
    less.start(Map.of(ONE, "uid-1", SIX, "uid-1"), true);

    assertThat(elements()).doesNotContain("probes-v6").contains("192.0.2.11");
    assertThat(less.reassert()).isFalse();
  }

  @Test
  void uninstalling_leaves_nothing() throws Exception {
    rules.start(Map.of(ONE, "uid-1"), true);
    rules.uninstall();

    assertThat(elements()).isEmpty();
    rules.uninstall();
  }
}
