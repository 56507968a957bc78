package dev.kiri.local.fault;

import dev.kiri.local.network.Fabric;
import dev.kiri.local.network.NamespaceFile;
import dev.kiri.local.network.Tool;
import dev.kiri.local.network.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Cuts links between nodes and disturbs the interfaces of pods. Thread-safe.
public final class Faults {
  private static final String FRESH_TABLE =
      """
      add table inet kiri-faults
      delete table inet kiri-faults
      add table inet kiri-faults
      """;

  private final Fabric fabric;
  private final Set<String> partitioned = new HashSet<>();
  private final Set<NamespaceFile> delayed = new HashSet<>();
  private final Set<NamespaceFile> lossy = new HashSet<>();

  public Faults(Fabric fabric) {
    this.fabric = fabric;
  }

  /// Drops everything between two nodes and between their pods.
  ///
  /// @throws IllegalArgumentException for a node that does not exist
  public synchronized void partition(String one, String other) {
    var topology = fabric.topology();
    number(one);
    var script = partitionScript(topology, number(other));
    inside(fabric.node(one), script, "nft", "-f", "-");
    partitioned.add(one);
  }

  private int number(String node) {
    return fabric
        .topology()
        .number(node)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no node " + node + "; accepted: " + fabric.topology().nodes()));
  }

  static String partitionScript(Topology topology, int other) {
    var four = "{ " + topology.nodeAddress(other) + ", " + topology.podRange(other) + " }";
    var six = "{ " + topology.nodeAddress6(other) + ", " + topology.podRange6(other) + " }";
    var rules = new StringBuilder("add table inet kiri-faults\n");
    for (var hook : List.of("input", "forward", "output")) {
      rules
          .append("add chain inet kiri-faults ")
          .append(hook)
          .append(" { type filter hook ")
          .append(hook)
          .append(" priority -200; policy accept; }\n");
      for (var side : List.of("saddr", "daddr")) {
        rules
            .append("add rule inet kiri-faults ")
            .append(hook)
            .append(" ip ")
            .append(side)
            .append(' ')
            .append(four)
            .append(" drop\n");
        rules
            .append("add rule inet kiri-faults ")
            .append(hook)
            .append(" ip6 ")
            .append(side)
            .append(' ')
            .append(six)
            .append(" drop\n");
      }
    }
    return rules.toString();
  }

  /// Loses a share of what a pod sends and receives, such as `10%`.
  ///
  /// @throws IllegalArgumentException where that is no share
  public synchronized void lose(NamespaceFile pod, String share) {
    inside(pod, lossScript(share), "nft", "-f", "-");
    lossy.add(pod);
  }

  static String lossScript(String share) {
    if (!share.matches("\\d{1,3}%")
        || Integer.parseInt(share.substring(0, share.length() - 1)) > 100) {
      throw new IllegalArgumentException("\"" + share + "\" is no share; accepted: 0% to 100%");
    }
    var percent = share.substring(0, share.length() - 1);
    var rules = new StringBuilder(FRESH_TABLE);
    for (var hook : List.of("input", "output")) {
      rules
          .append("add chain inet kiri-faults ")
          .append(hook)
          .append(" { type filter hook ")
          .append(hook)
          .append(" priority -200; policy accept; }\n")
          .append("add rule inet kiri-faults ")
          .append(hook)
          .append(" meta ")
          .append(hook.equals("input") ? "iifname" : "oifname")
          .append(" \"eth0\" numgen random mod 100 < ")
          .append(percent)
          .append(" drop\n");
    }
    return rules.toString();
  }

  /// Delays what a pod sends.
  ///
  /// @throws IllegalArgumentException where the kernel cannot do it, or the time is not understood
  public synchronized void delay(NamespaceFile pod, String time) {
    if (!time.matches("\\d{1,5}(ms|s)")) {
      throw new IllegalArgumentException("\"" + time + "\" is no time; accepted: 20ms, 2s");
    }
    try {
      inside(pod, "", "tc", "qdisc", "replace", "dev", "eth0", "root", "netem", "delay", time);
      delayed.add(pod);
    } catch (Tool.ToolFailed e) {
      throw new IllegalArgumentException(
          "this machine cannot delay packets: load the module with modprobe sch_netem ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  /// Undoes everything.
  public synchronized void clear() {
    partitioned.forEach(
        node -> inside(fabric.node(node), "", "nft", "delete", "table", "inet", "kiri-faults"));
    partitioned.clear();
    delayed.forEach(pod -> insideIfThere(pod, "tc", "qdisc", "del", "dev", "eth0", "root"));
    delayed.clear();
    lossy.forEach(pod -> insideIfThere(pod, "nft", "delete", "table", "inet", "kiri-faults"));
    lossy.clear();
  }

  private static void insideIfThere(NamespaceFile pod, String... command) {
    try {
      inside(pod, "", command);
    } catch (Tool.ToolFailed e) {
      // the pod has gone, and the disturbance with it
    }
  }

  private static void inside(NamespaceFile namespace, String input, String... command) {
    var line = new ArrayList<>(List.of("nsenter", "--net=" + namespace.path(), "--"));
    line.addAll(List.of(command));
    Tool.run(input, line);
  }
}
