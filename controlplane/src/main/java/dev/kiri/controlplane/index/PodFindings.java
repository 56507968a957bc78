package dev.kiri.controlplane.index;

import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.kinds.PodObject;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is odd about a pod, seen together with other objects: an address that two pods claim, a
/// service account that does not exist. Pure.
final class PodFindings {
  private PodFindings() {}

  static @Nullable List<String> of(PodObject pod, ObjectTables tables, Reader reader) {
    if (pod.finished()) {
      return null;
    }
    List<String> findings = new ArrayList<>();
    String path = pod.key().path();
    if (!pod.hostNetwork()) {
      for (InetAddress address : pod.addresses()) {
        for (PodObject other : reader.find(tables.podsByAddress, Encoding.sortable(address))) {
          if (!other.hostNetwork() && !other.key().equals(pod.key())) {
            findings.add(
                "status.podIPs: found "
                    + NetUtil.toAddressString(address)
                    + ", which pod "
                    + other.key().path()
                    + " has too, accepted: an address of its own");
          }
        }
      }
    }
    String account = pod.meta().namespace() + "/" + pod.serviceAccount();
    if (!pod.serviceAccount().equals("default")
        && reader.get(tables.serviceAccounts, account) == null) {
      findings.add(
          "spec.serviceAccountName: found \""
              + pod.serviceAccount()
              + "\", which does not exist in namespace "
              + pod.meta().namespace()
              + ", accepted: an existing ServiceAccount");
    }
    return findings.isEmpty()
        ? null
        : findings.stream().map(text -> "Pod " + path + ": " + text).toList();
  }
}
