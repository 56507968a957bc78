package dev.kiri.local.network;

import dev.kiri.local.network.Topology.PodAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Makes the topology real inside the supervisor's network namespace: a bridge `link0` as the wire
/// between the nodes (a capture
/// there sees everything that crosses), a namespace for each node and for the router. Thread-safe.
public final class Fabric {
  /// The wire between nodes, in the supervisor's own namespace.
  public static final String LINK = "link0";

  private final Topology topology;
  private final Path folder;
  private final AtomicInteger interfaces = new AtomicInteger();

  public Fabric(Topology topology, Path folder) {
    this.topology = topology;
    this.folder = folder;
  }

  public Topology topology() {
    return topology;
  }

  public NamespaceFile node(String name) {
    return new NamespaceFile(folder.resolve(name));
  }

  public NamespaceFile router() {
    return new NamespaceFile(folder.resolve("router"));
  }

  /// Makes the wire, the router and all nodes. Once, before any pod.
  public void build() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("making " + folder, e);
    }
    Tool.run(
        "link set lo up\nlink add " + LINK + " type bridge\nlink set " + LINK + " up\n",
        List.of("ip", "-batch", "-"));
    Tool.run(FabricScripts.ROUTING, List.of("sh"));
    make(router());
    attach(router(), "router", FabricScripts.router(topology));
    for (var name : topology.nodes()) {
      make(node(name));
      attach(
          node(name),
          "n" + topology.number(name).orElseThrow(),
          FabricScripts.node(topology, name));
    }
  }

  private static void make(NamespaceFile namespace) {
    try {
      Files.createFile(namespace.path());
    } catch (IOException e) {
      throw new UncheckedIOException("making " + namespace.path(), e);
    }
    Tool.run(List.of("unshare", "--net=" + namespace.path(), "true"));
  }

  private void attach(NamespaceFile namespace, String port, FabricScripts.Script script) {
    // The peer is made inside the namespace and its other end pushed out to us: `ip` names a
    // namespace by a process only.
    long us = ProcessHandle.current().pid();
    Tool.inside(
        namespace,
        "link add uplink type veth peer name " + port + " netns " + us + "\n",
        "ip",
        "-batch",
        "-");
    Tool.run("link set " + port + " master " + LINK + " up\n", List.of("ip", "-batch", "-"));
    Tool.inside(namespace, script.sysctls(), "sh");
    Tool.inside(namespace, script.ip(), "ip", "-batch", "-");
  }

  /// Gives a pod its `eth0`: one end in the pod's namespace, the other on the bridge of its node
  /// (or of the router).
  public void connectPod(
      NamespaceFile node, NamespaceFile pod, long podProcess, PodAddresses addresses) {
    var port = "p" + interfaces.incrementAndGet();
    Tool.inside(node, FabricScripts.podPort(port, podProcess, addresses), "ip", "-batch", "-");
    Tool.inside(node, "", "bridge", "link", "set", "dev", port, "isolated", "on", "hairpin", "on");
    Tool.inside(pod, FabricScripts.pod(addresses), "sh");
  }
}
