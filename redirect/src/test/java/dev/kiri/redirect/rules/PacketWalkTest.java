package dev.kiri.redirect.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.redirect.net.FakeZtunnel;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.netns.SocketTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Where packets go once the rules are in a pod, with real sockets in real namespaces. Pod `a` is
/// the one that is captured.
class PacketWalkTest {
  private static final int APP = 8080;
  private static final String PROBE4 = "169.254.7.127";
  private static final String PROBE6 = "fd16:9254:7127:1337:ffff:ffff:ffff:ffff";
  private static final PodCapture ALL = new PodCapture(true, true, List.of());
  private static final CaptureSettings SETTINGS =
      new CaptureSettings(
          true,
          true,
          (Inet4Address) InetAddress.ofLiteral(PROBE4),
          (Inet6Address) InetAddress.ofLiteral(PROBE6));

  private final Commands commands =
      new Commands(Path.of("/usr/sbin/nft"), Path.of("/usr/bin/nsenter"));
  private final PodRules rules = new PodRules(commands, SETTINGS);
  private TestNetwork network;
  private TestPod a;
  private TestPod b;
  private FakeZtunnel ztunnel;

  @BeforeEach
  void build() throws Exception {
    network = TestNetwork.create();
    a = network.a();
    b = network.b();
    a.serve(APP);
    b.serve(APP);
    ztunnel = FakeZtunnel.in(a.netns());
  }

  @AfterEach
  void close() {
    if (ztunnel != null) {
      ztunnel.close();
    }
    if (network != null) {
      network.close();
    }
  }

  private void enrol() throws IOException {
    rules.apply(a.netns(), ALL);
  }

  @Test
  void before_enrolment_nothing_is_captured() throws Exception {
    assertThat(a.ask(b.ip4(), APP)).isEqualTo("8080 192.0.2.11 hello");
    assertThat(b.ask(a.ip6(), APP)).contains("hello");
    assertThat(ztunnel.captured()).isEmpty();
  }

  @Test
  void what_leaves_goes_to_the_proxy_which_itself_gets_out() throws Exception {
    enrol();

    assertThat(a.ask(b.ip4(), APP)).isEqualTo("8080 192.0.2.11 hello");
    assertThat(a.ask(b.ip6(), APP)).contains("hello");
    assertThat(ztunnel.captured())
        .containsExactly(
            "15001 192.0.2.12 8080 from 192.0.2.11",
            "15001 2001:db8:0:0:0:0:0:12 8080 from 2001:db8:0:0:0:0:0:11");
  }

  @Test
  void plaintext_that_arrives_goes_to_the_proxy_and_the_application_sees_its_client()
      throws Exception {
    enrol();

    assertThat(b.ask(a.ip4(), APP)).isEqualTo("8080 192.0.2.12 hello");
    assertThat(b.ask(a.ip6(), APP)).isEqualTo("8080 2001:db8:0:0:0:0:0:12 hello");
    assertThat(ztunnel.captured())
        .containsExactly(
            "15006 192.0.2.11 8080 from 192.0.2.12",
            "15006 2001:db8:0:0:0:0:0:11 8080 from 2001:db8:0:0:0:0:0:12");
  }

  @Test
  void a_tunnel_that_arrives_is_not_redirected() throws Exception {
    enrol();

    b.connect(a.ip4(), 15008).close();

    await()
        .untilAsserted(
            () ->
                assertThat(ztunnel.captured())
                    .containsExactly("15008 192.0.2.11 15008 from 192.0.2.12"));
  }

  @Test
  void a_marked_socket_is_not_captured() throws Exception {
    enrol();
    var loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    var sockets =
        new NamespaceSockets(a.netns(), SocketTransport.EPOLL, SocketSettings.ofZtunnel());
    try {
      new Bootstrap()
          .group(loops)
          .channelFactory(sockets::newChannel)
          .handler(new ChannelInboundHandlerAdapter())
          .connect(b.ip4(), APP)
          .sync()
          .channel()
          .close()
          .sync();

      assertThat(ztunnel.captured()).isEmpty();
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  @Test
  void loopback_and_the_pods_own_address_are_left_alone() throws Exception {
    enrol();

    assertThat(a.ask("127.0.0.1", APP)).isEqualTo("8080 127.0.0.1 hello");
    assertThat(a.ask("::1", APP)).contains("hello");
    assertThat(a.ask(a.ip4(), APP)).isEqualTo("8080 192.0.2.11 hello");
    assertThat(a.ask(a.ip6(), APP)).contains("hello");
    assertThat(ztunnel.captured()).isEmpty();
  }

  @Test
  void the_nodes_probes_are_exempt_and_what_it_forwards_is_not() throws Exception {
    enrol();
    var host = new HostRules(commands, SETTINGS, network.node());
    host.start(
        Map.of(InetAddress.ofLiteral(a.ip4()), "uid", InetAddress.ofLiteral(a.ip6()), "uid"), true);

    assertThat(TestPod.ask(network.node(), a.ip4(), APP)).isEqualTo("8080 " + PROBE4 + " hello");
    assertThat(TestPod.ask(network.node(), a.ip6(), APP)).isEqualTo("8080 " + PROBE6 + " hello");
    assertThat(ztunnel.captured()).isEmpty();

    assertThat(b.ask(a.ip4(), APP)).isEqualTo("8080 192.0.2.12 hello");
    assertThat(ztunnel.captured()).hasSize(1);
  }

  @Test
  void without_the_nodes_rules_its_probes_are_captured_like_anything_else() throws Exception {
    enrol();

    assertThat(TestPod.ask(network.node(), a.ip4(), APP)).contains("hello");
    assertThat(ztunnel.captured()).containsExactly("15006 192.0.2.11 8080 from 192.0.2.1");
  }

  @Test
  void lookups_go_to_the_proxy_only_where_dns_is_captured() throws Exception {
    b.serveUdp(b.ip4(), 53);
    a.serveUdp("127.0.0.1", 15053);

    enrol();
    assertThat(a.askUdp(b.ip4(), 53)).isEqualTo("udp 15053 from 192.0.2.12");

    rules.apply(a.netns(), new PodCapture(true, false, List.of()));
    assertThat(a.askUdp(b.ip4(), 53)).isEqualTo("udp 53 from 192.0.2.12");
  }

  @Test
  void with_inbound_bypassed_only_what_leaves_is_captured() throws Exception {
    rules.apply(a.netns(), new PodCapture(false, false, List.of()));

    assertThat(b.ask(a.ip4(), APP)).isEqualTo("8080 192.0.2.12 hello");
    a.ask(b.ip4(), APP);
    assertThat(ztunnel.captured()).containsExactly("15001 192.0.2.12 8080 from 192.0.2.11");
  }

  @Test
  void connections_older_than_the_rules_live_on() throws Exception {
    try (var outgoing = a.connect(b.ip4(), APP);
        var incoming = b.connect(a.ip4(), APP)) {
      TestPod.say(outgoing, "before");
      TestPod.say(incoming, "before");

      enrol();

      assertThat(TestPod.say(outgoing, "after")).endsWith("after");
      assertThat(TestPod.say(incoming, "after")).endsWith("after");
      assertThat(ztunnel.captured()).isEmpty();
    }
  }

  @Test
  void captured_connections_live_on_when_rules_are_replaced_and_when_they_are_retired()
      throws Exception {
    enrol();
    try (var outgoing = a.connect(b.ip4(), APP);
        var incoming = b.connect(a.ip4(), APP)) {
      TestPod.say(outgoing, "captured");
      TestPod.say(incoming, "captured");

      rules.apply(a.netns(), new PodCapture(true, false, List.of()));
      assertThat(TestPod.say(outgoing, "replaced")).endsWith("replaced");
      assertThat(TestPod.say(incoming, "replaced")).endsWith("replaced");

      rules.retire(a.netns());
      assertThat(TestPod.say(outgoing, "retired")).endsWith("retired");
      assertThat(TestPod.say(incoming, "retired")).endsWith("retired");
      assertThat(ztunnel.captured()).hasSize(2);

      a.ask(b.ip4(), APP);
      b.ask(a.ip4(), APP);
      assertThat(ztunnel.captured()).hasSize(2);
    }
  }

  @Test
  void removing_leaves_nothing() throws Exception {
    var before = TestNetwork.run(a.netns(), "ip", "rule");
    enrol();
    rules.remove(a.netns());

    assertThat(TestNetwork.run(a.netns(), "nft", "list", "ruleset")).isEmpty();
    assertThat(TestNetwork.run(a.netns(), "ip", "rule")).isEqualTo(before);
    assertThat(TestNetwork.run(a.netns(), "ip", "-6", "rule")).doesNotContain("0x111");
    assertThat(a.ask(b.ip4(), APP)).contains("hello");
    rules.remove(a.netns());
  }

  @Test
  void applying_again_touches_nothing_unless_something_is_missing() throws Exception {
    assertThat(rules.apply(a.netns(), ALL)).isEqualTo(PodRules.Change.APPLIED);
    assertThat(rules.apply(a.netns(), ALL)).isEqualTo(PodRules.Change.NONE);
    assertThat(rules.verify(a.netns(), ALL)).isTrue();

    TestNetwork.run(
        a.netns(), "nft", "flush", "chain", "inet", "istio-ambient-nat", "istio-output");
    assertThat(rules.verify(a.netns(), ALL)).isFalse();
    assertThat(rules.apply(a.netns(), ALL)).isEqualTo(PodRules.Change.APPLIED);
    a.ask(b.ip4(), APP);
    assertThat(ztunnel.captured()).hasSize(1);
  }

  @Test
  void turning_dns_capture_off_takes_the_raw_table_away() throws Exception {
    enrol();
    rules.apply(a.netns(), new PodCapture(true, false, List.of()));

    assertThat(TestNetwork.run(a.netns(), "nft", "list", "tables")).doesNotContain("raw");
  }

  @Test
  void other_peoples_rules_stay() throws Exception {
    TestNetwork.run(a.netns(), "nft", "add", "table", "inet", "others");
    enrol();
    rules.remove(a.netns());

    assertThat(TestNetwork.run(a.netns(), "nft", "list", "tables").strip())
        .isEqualTo("table inet others");
  }

  @Test
  void the_policy_route_is_found_under_upstreams_numbers() throws Exception {
    enrol();

    assertThat(TestNetwork.run(a.netns(), "ip", "rule"))
        .contains("32764:\tfrom all fwmark 0x111/0xfff lookup 100");
    assertThat(TestNetwork.run(a.netns(), "ip", "-6", "rule"))
        .contains("32764:\tfrom all fwmark 0x111/0xfff lookup 100");
    assertThat(TestNetwork.run(a.netns(), "ip", "route", "show", "table", "100"))
        .startsWith("local default dev lo");
  }

  @Test
  void a_refusal_names_the_command_and_what_it_said() {
    var broken = new Commands(Path.of("/bin/false"), Path.of("/usr/bin/nsenter"));

    assertThatThrownBy(() -> new PodRules(broken, SETTINGS).apply(a.netns(), ALL))
        .isInstanceOf(RulesException.class)
        .hasMessageContaining("/bin/false");
  }
}
