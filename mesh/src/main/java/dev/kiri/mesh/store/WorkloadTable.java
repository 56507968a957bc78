package dev.kiri.mesh.store;

import dev.kiri.mesh.workload.NetworkAddress;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Workload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The workloads and the ways to find them. Immutable.
///
/// @param byAddress to [OneOrMany] workloads, in the order they were put
/// @param byHostname to [OneOrMany] workloads that have a hostname of their own
/// @param local to [OneOrMany] workloads of the own node, by namespace and service account
/// @param node the own node; null: all workloads count as local, and are searched one by one
record WorkloadTable(
    PartitionedMap<String, Workload> byUid,
    PartitionedMap<NetworkAddress, Object> byAddress,
    PartitionedMap<ServiceKey, Object> byHostname,
    PartitionedMap<Account, Object> local,
    @Nullable String node) {

  record Account(String namespace, String serviceAccount) {
    static Account of(Workload workload) {
      return new Account(workload.namespace(), workload.serviceAccount());
    }
  }

  static WorkloadTable empty(@Nullable String node) {
    return new WorkloadTable(
        PartitionedMap.empty(),
        PartitionedMap.empty(),
        PartitionedMap.empty(),
        PartitionedMap.empty(),
        node);
  }

  /// The best ranked workload of an address; on a tie the one put last.
  @Nullable Workload at(NetworkAddress address) {
    var cell = byAddress.get(address);
    if (cell instanceof Workload only) {
      return only;
    }
    Workload best = null;
    for (var candidate : OneOrMany.<Workload>list(cell)) {
      if (best == null || rank(candidate) >= rank(best)) {
        best = candidate;
      }
    }
    return best;
  }

  private static int rank(Workload workload) {
    return (workload.isPod() ? 2 : 0) + (workload.protocol() == TunnelProtocol.HBONE ? 1 : 0);
  }

  @Nullable Workload withHostname(ServiceKey host) {
    List<Workload> found = OneOrMany.list(byHostname.get(host));
    return found.isEmpty() ? null : found.getFirst();
  }

  @Nullable Workload local(String name, String namespace, String serviceAccount) {
    var account = new Account(namespace, serviceAccount);
    List<Workload> candidates = node == null ? byUid.values() : OneOrMany.list(local.get(account));
    for (var workload : candidates) {
      if (workload.name().equals(name) && Account.of(workload).equals(account)) {
        return workload;
      }
    }
    return null;
  }

  List<Workload> allLocal() {
    return node == null
        ? byUid.values()
        : local.values().stream().flatMap(cell -> OneOrMany.<Workload>list(cell).stream()).toList();
  }

  Editor edit() {
    return new Editor(this);
  }

  /// A batch of changes.
  static final class Editor {
    private final PartitionedMap.Editor<String, Workload> byUid;
    private final PartitionedMap.Editor<NetworkAddress, Object> byAddress;
    private final PartitionedMap.Editor<ServiceKey, Object> byHostname;
    private final PartitionedMap.Editor<Account, Object> local;
    private final @Nullable String node;

    private Editor(WorkloadTable table) {
      byUid = table.byUid.edit();
      byAddress = table.byAddress.edit();
      byHostname = table.byHostname.edit();
      local = table.local.edit();
      node = table.node;
    }

    /// Puts a workload and gives back the one it replaces.
    @Nullable Workload put(Workload workload) {
      var old = remove(workload.uid());
      byUid.set(workload.uid(), workload);
      if (workload.ownsItsAddresses()) {
        for (var ip : workload.addresses()) {
          add(byAddress, new NetworkAddress(workload.network(), ip), workload);
        }
      }
      if (!workload.hostname().isEmpty()) {
        add(byHostname, new ServiceKey(workload.namespace(), workload.hostname()), workload);
      }
      if (isLocal(workload)) {
        add(local, Account.of(workload), workload);
      }
      return old;
    }

    @Nullable Workload remove(String uid) {
      var old = byUid.get(uid);
      if (old == null) {
        return null;
      }
      byUid.set(uid, null);
      if (old.ownsItsAddresses()) {
        for (var ip : old.addresses()) {
          drop(byAddress, new NetworkAddress(old.network(), ip), old);
        }
      }
      if (!old.hostname().isEmpty()) {
        drop(byHostname, new ServiceKey(old.namespace(), old.hostname()), old);
      }
      if (isLocal(old)) {
        drop(local, Account.of(old), old);
      }
      return old;
    }

    private boolean isLocal(Workload workload) {
      return node != null && node.equals(workload.node());
    }

    private static <K> void add(PartitionedMap.Editor<K, Object> index, K key, Workload workload) {
      index.set(key, OneOrMany.with(index.get(key), workload));
    }

    private static <K> void drop(PartitionedMap.Editor<K, Object> index, K key, Workload workload) {
      index.set(
          key,
          OneOrMany.<Workload>without(index.get(key), found -> found.uid().equals(workload.uid())));
    }

    WorkloadTable done() {
      return new WorkloadTable(
          byUid.done(), byAddress.done(), byHostname.done(), local.done(), node);
    }
  }
}
