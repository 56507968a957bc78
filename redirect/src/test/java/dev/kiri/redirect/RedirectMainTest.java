package dev.kiri.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.redirect.net.AgentProcess;
import dev.kiri.redirect.net.FakeZtunnel;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.redirect.zds.ZdsClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole agent, as a process on a node of namespaces, with a ztunnel that is there or not.
class RedirectMainTest {
  private static final int APP = 8080;
  private static final String UID = "0b1d5ff3-5b8a-4b5d-9f5a-5f7c0d8a2b11";

  @TempDir private Path folder;
  private TestNetwork network;
  private TestPod a;
  private TestPod b;
  private AgentProcess agent;
  private ZdsClient ztunnel;
  private final List<FakeZtunnel> proxies = new CopyOnWriteArrayList<>();

  @BeforeEach
  void build() throws Exception {
    network = TestNetwork.create();
    a = network.a();
    b = network.b();
    a.serve(APP);
    b.serve(APP);
    write("namespace/_/shop.yaml", namespace("ambient"));
    write("pod/shop/web.yaml", pod("Running"));
    Files.createDirectories(folder.resolve("netns"));
    // A bind mount would need a name to clean up; a link to a descriptor opens the same.
    Files.createSymbolicLink(
        folder.resolve("netns").resolve(UID), Path.of(TestNetwork.path(a.netns())));
    agent = startAgent();
  }

  @AfterEach
  void close() {
    if (ztunnel != null) {
      ztunnel.close();
    }
    if (agent != null) {
      agent.close();
    }
    proxies.forEach(FakeZtunnel::close);
    if (network != null) {
      network.close();
    }
  }

  @Test
  void a_labelled_pod_is_captured_and_its_probes_are_not() throws Exception {
    connectZtunnel();
    waitFor(() -> annotation().contains("enabled"));

    assertThat(a.ask(b.ip4(), APP)).isEqualTo("8080 192.0.2.11 hello");
    assertThat(b.ask(a.ip4(), APP)).isEqualTo("8080 192.0.2.12 hello");
    assertThat(TestPod.ask(network.node(), a.ip4(), APP)).isEqualTo("8080 169.254.7.127 hello");
    assertThat(captured()).hasSize(2);
    assertThat(metrics()).contains("ztunnel_connected 1.0");
    assertThat(get(8000, "/readyz")).contains("200 OK");
  }

  @Test
  void without_ztunnel_a_pod_is_pending_until_one_comes() throws Exception {
    waitFor(() -> annotation().contains("pending"));

    connectZtunnel();

    waitFor(() -> annotation().contains("enabled"));
    a.ask(b.ip4(), APP);
    assertThat(captured()).hasSize(1);
  }

  @Test
  void a_pod_whose_namespace_loses_its_label_leaves_the_mesh() throws Exception {
    connectZtunnel();
    waitFor(() -> annotation().contains("enabled"));

    write("namespace/_/shop.yaml", namespace("none-of-it"));

    waitFor(() -> annotation().isEmpty());
    assertThat(TestNetwork.run(a.netns(), "nft", "list", "ruleset")).isEmpty();
    assertThat(a.ask(b.ip4(), APP)).contains("hello");
    assertThat(captured()).isEmpty();
    assertThat(TestNetwork.run(network.node(), "nft", "list", "ruleset")).doesNotContain(a.ip4());
  }

  @Test
  void an_agent_that_is_killed_and_started_again_does_not_touch_a_running_pod() throws Exception {
    connectZtunnel();
    waitFor(() -> annotation().contains("enabled"));
    try (var connection = a.connect(b.ip4(), APP)) {
      TestPod.say(connection, "before");
      var rules = TestNetwork.run(a.netns(), "nft", "-a", "list", "ruleset");

      agent.kill();
      assertThat(TestPod.say(connection, "without an agent")).endsWith("without an agent");
      agent = startAgent();
      waitFor(() -> metrics().contains("ztunnel_connected 1.0"));

      assertThat(TestPod.say(connection, "after")).endsWith("after");
      assertThat(handlesOf(TestNetwork.run(a.netns(), "nft", "-a", "list", "ruleset")))
          .isEqualTo(handlesOf(rules));
      assertThat(metrics()).contains("kiri_redirect_rules_applied_total 0.0");
      assertThat(proxies).hasSize(1);
    }
  }

  @Test
  void a_pod_that_is_deleted_is_forgotten_everywhere() throws Exception {
    connectZtunnel();
    waitFor(() -> annotation().contains("enabled"));

    Files.delete(folder.resolve("objects/pod/shop/web.yaml"));

    waitFor(() -> annotation().isEmpty());
    waitFor(() -> !nodeRules().contains(a.ip4()));
  }

  @Test
  void rules_that_someone_flushed_come_back() throws Exception {
    connectZtunnel();
    waitFor(() -> annotation().contains("enabled"));

    TestNetwork.run(a.netns(), "nft", "flush", "ruleset");
    TestNetwork.run(network.node(), "nft", "flush", "ruleset");

    waitFor(() -> TestNetwork.run(a.netns(), "nft", "list", "ruleset").contains("15001"));
    waitFor(() -> nodeRules().contains(a.ip4()));
  }

  @Test
  void it_ends_when_asked_and_leaves_pods_as_they_are() throws Exception {
    connectZtunnel();
    waitFor(() -> annotation().contains("enabled"));

    assertThat(agent.terminate()).isZero();

    a.ask(b.ip4(), APP);
    assertThat(captured()).hasSize(1);
    assertThat(nodeRules()).contains(a.ip4());
  }

  private AgentProcess startAgent() throws IOException {
    return AgentProcess.start(
        network.node(),
        folder.resolve("agent.log"),
        Map.of(
            "NODE_NAME", "node-1",
            "KIRI_OBJECTS", folder.resolve("objects").toString(),
            "KIRI_OVERLAY", folder.resolve("overlay").toString(),
            "KIRI_NETNS_DIR", folder.resolve("netns").toString(),
            "INPOD_UDS", folder.resolve("zds.sock").toString(),
            "KIRI_RECONCILE_INTERVAL", "300ms"));
  }

  private void connectZtunnel() throws IOException {
    var state =
        new PodProxies(
            (_, _, netns) -> {
              var proxy = startProxy(netns);
              proxies.add(proxy);
              return () -> {
                proxy.close();
                netns.close();
              };
            },
            new PodProxies.Observer() {});
    ztunnel = new ZdsClient(folder.resolve("zds.sock"), HomeNetns.ofThisThread(), state);
    ztunnel.start();
  }

  private static FakeZtunnel startProxy(PodNetns netns) throws IOException {
    try {
      return FakeZtunnel.in(netns);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(interrupted);
    }
  }

  private List<String> captured() {
    return proxies.stream().flatMap(proxy -> proxy.captured().stream()).toList();
  }

  private String annotation() throws IOException {
    var file = folder.resolve("overlay/pod/shop/web.yaml");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private String nodeRules() throws IOException {
    return TestNetwork.run(network.node(), "nft", "list", "ruleset");
  }

  private String metrics() throws IOException {
    return get(15014, "/metrics");
  }

  private String get(int port, String path) throws IOException {
    try {
      return TestNetwork.run(network.node(), "curl", "-si", "http://127.0.0.1:" + port + path);
    } catch (IOException notUpYet) {
      return "";
    }
  }

  private static String handlesOf(String rules) {
    return rules.replaceAll("packets \\d+ bytes \\d+", "");
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private void waitFor(Condition condition) throws IOException {
    ConditionFactory wait =
        await().atMost(Duration.ofSeconds(15)).pollInterval(Duration.ofMillis(50));
    try {
      wait.until(condition::holds);
    } catch (org.awaitility.core.ConditionTimeoutException late) {
      throw new AssertionError("too late; the agent's log:\n" + agent.log(), late);
    }
  }

  private void write(String name, String text) throws IOException {
    var file = folder.resolve("objects").resolve(name);
    Files.createDirectories(file.getParent());
    var temporary = file.resolveSibling("." + file.getFileName());
    Files.writeString(temporary, text, StandardCharsets.UTF_8);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String namespace(String mode) {
    return """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      labels: { istio.io/dataplane-mode: %s }
    """
        .formatted(mode);
  }

  private static String pod(String phase) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: { name: web, namespace: shop, uid: %s }
    spec: { nodeName: node-1, serviceAccountName: web }
    status:
      phase: %s
      podIP: 192.0.2.11
      podIPs: [ { ip: 192.0.2.11 }, { ip: "2001:db8::11" } ]
    """
        .formatted(UID, phase);
  }
}
