package dev.kiri.redirect.net;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.Namespaces;
import dev.kiri.redirect.netns.PodNetns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A node and two pods, each a namespace of its own, wired up as a cluster network wires them: the
/// pods reach everything through the node, which forwards. All of it is gone when closed.
public final class TestNetwork implements AutoCloseable {
  public static final String NODE4 = "192.0.2.1";
  public static final String NODE6 = "2001:db8::1";

  private final HomeNetns home;
  private final PodNetns node;
  private final List<TestPod> pods = new ArrayList<>();

  private TestNetwork(HomeNetns home, PodNetns node) {
    this.home = home;
    this.node = node;
  }

  /// Builds it, or aborts the test with the reason why that is not possible here.
  public static TestNetwork create() throws IOException {
    if (!Files.isExecutable(Path.of("/usr/sbin/nft"))) {
      return abort("needs nft in /usr/sbin");
    }
    var home = HomeNetns.ofThisThread();
    var network = new TestNetwork(home, Namespaces.create(home));
    set(network.node, "ipv4/ip_forward", "1");
    set(network.node, "ipv6/conf/all/forwarding", "1");
    set(network.node, "ipv6/conf/default/accept_dad", "0");
    network.pod("a", 11);
    network.pod("b", 12);
    return network;
  }

  /// A further pod, at 192.0.2.`last` and 2001:db8::`last`.
  public TestPod pod(String name, int last) throws IOException {
    var netns = Namespaces.create(home);
    set(netns, "ipv6/conf/default/accept_dad", "0");
    var pod = new TestPod(netns, "192.0.2." + last, "2001:db8::" + last);
    pods.add(pod);
    var veth = "veth-" + name;
    ip(node, "link add %s type veth peer name eth0 netns %s".formatted(veth, path(netns)));
    ip(node, "addr add %s/32 dev %s".formatted(NODE4, veth));
    ip(node, "addr add %s/128 dev %s nodad".formatted(NODE6, veth));
    ip(node, "link set %s up".formatted(veth));
    ip(netns, "addr add %s/32 dev eth0".formatted(pod.ip4()));
    ip(netns, "addr add %s/128 dev eth0 nodad".formatted(pod.ip6()));
    ip(netns, "link set eth0 up");
    ip(netns, "route add %s dev eth0".formatted(NODE4));
    ip(netns, "route add default via %s dev eth0".formatted(NODE4));
    ip(netns, "-6 route add %s dev eth0".formatted(NODE6));
    ip(netns, "-6 route add default via %s dev eth0".formatted(NODE6));
    ip(node, "route add %s dev %s".formatted(pod.ip4(), veth));
    ip(node, "-6 route add %s dev %s".formatted(pod.ip6(), veth));
    return pod;
  }

  // Duplicate address detection would take a second for each link.
  private static void set(PodNetns netns, String name, String value) throws IOException {
    netns.inside(() -> Files.writeString(Path.of("/proc/sys/net", name), value));
  }

  public PodNetns node() {
    return node;
  }

  public TestPod a() {
    return pods.get(0);
  }

  public TestPod b() {
    return pods.get(1);
  }

  /// Runs `ip` in a namespace.
  public static void ip(PodNetns netns, String arguments) throws IOException {
    run(netns, ("ip " + arguments).split(" "));
  }

  /// Runs a command in a namespace and returns what it printed.
  public static String run(PodNetns netns, String... command) throws IOException {
    var all = new ArrayList<>(List.of("nsenter", "--net=" + path(netns), "--"));
    all.addAll(Arrays.asList(command));
    var process = new ProcessBuilder(all).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output.strip());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return output;
  }

  /// A path by which another process can open the namespace while this network lives.
  public static String path(PodNetns netns) {
    return netns.withDescriptor(
        fd -> "/proc/" + ProcessHandle.current().pid() + "/fd/" + fd.number());
  }

  @Override
  public void close() {
    pods.forEach(TestPod::close);
    node.close();
  }
}
