package dev.kiri.mesh.ca;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.store.Change;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshStore.Subscription;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Workload;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Has certificates ready for the workloads of the own node that speak HBONE, and forgets those of
/// identities that have left it. Works until closed; never blocks the store.
public final class NodeCertificates implements AutoCloseable {
  private final CertificateManager certificates;
  private final String node;
  private final Subscription subscription;

  /// How many workloads of the node act for each identity. For the store's thread.
  private final Map<SpiffeId, Integer> users = new HashMap<>();

  private NodeCertificates(CertificateManager certificates, MeshStore store, String node) {
    this.certificates = certificates;
    this.node = node;
    this.subscription = store.onChange(this::changed);
  }

  /// Starts with an empty store, before the first change.
  ///
  /// @param node the name of the own node
  public static NodeCertificates watch(
      CertificateManager certificates, MeshStore store, String node) {
    return new NodeCertificates(certificates, store, node);
  }

  private void changed(Change change) {
    var gone = new HashSet<SpiffeId>();
    var come = new HashSet<SpiffeId>();
    for (String uid : change.workloads()) {
      var before = identity(change.before().workload(uid));
      var after = identity(change.after().workload(uid));
      if (before != null && users.merge(before, -1, Integer::sum) <= 0) {
        users.remove(before);
        gone.add(before);
      }
      if (after != null && users.merge(after, 1, Integer::sum) == 1) {
        come.add(after);
      }
    }
    gone.removeIf(users::containsKey);
    gone.forEach(certificates::release);
    come.forEach(identity -> certificates.request(identity, CertificatePriority.WARMUP));
  }

  private @Nullable SpiffeId identity(@Nullable Workload workload) {
    if (workload == null || !workload.node().equals(node)) {
      return null;
    }
    return workload.protocol() == TunnelProtocol.HBONE || workload.nativeTunnel()
        ? workload.identity()
        : null;
  }

  @Override
  public void close() {
    subscription.close();
  }
}
