package dev.kiri.redirect.agent;

import dev.kiri.redirect.zds.WorkloadInfo;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/// What the agent needs to know of a pod of its node.
///
/// @param phase `status.phase`, empty when it has none yet
/// @param ips `status.podIPs`, else `status.podIP`; empty before the network is up
public record Pod(
    String uid,
    String namespace,
    String name,
    String serviceAccount,
    Map<String, String> labels,
    Map<String, String> annotations,
    boolean hostNetwork,
    String phase,
    List<InetAddress> ips) {
  public Pod {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    ips = List.copyOf(ips);
  }

  Redirection redirection() {
    return Redirection.of(annotations);
  }

  /// Whether it has run its course.
  boolean isTerminal() {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  WorkloadInfo workload() {
    return new WorkloadInfo(name, namespace, serviceAccount);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
