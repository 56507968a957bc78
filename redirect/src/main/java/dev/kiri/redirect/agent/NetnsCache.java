package dev.kiri.redirect.agent;

import dev.kiri.redirect.netns.NetnsId;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.sys.LinuxException;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.redirect.zds.ZdsPod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The namespaces of the pods that ztunnel serves or is about to, kept alive by their descriptors.
/// Thread-safe: additions, removals and a ztunnel's snapshot meet here.
final class NetnsCache {
  private final Map<String, Entry> entries = new HashMap<>();

  /// @param netns null while it is not known
  /// @param leaving whether the pod is on its way out, and no newcomer among ztunnels is told of it
  private record Entry(WorkloadInfo workload, @Nullable PodNetns netns, boolean leaving) {}

  /// Makes the pod known, without a namespace if it has none yet.
  synchronized void ensure(String uid, WorkloadInfo workload) {
    entries.putIfAbsent(uid, new Entry(workload, null, false));
  }

  /// Takes over a handle for a pod made known before. Of two for one namespace the older stays;
  /// another namespace replaces it.
  synchronized void put(String uid, PodNetns netns) {
    var known = entries.get(uid);
    if (known == null) {
      netns.close();
    } else if (known.netns() != null && known.netns().id().equals(netns.id())) {
      netns.close();
      entries.put(uid, new Entry(known.workload(), known.netns(), false));
    } else {
      closeNetns(known);
      entries.put(uid, new Entry(known.workload(), netns, false));
    }
  }

  /// A handle of the pod's namespace for the caller to close; null when there is none.
  synchronized @Nullable PodNetns share(String uid) throws LinuxException {
    var entry = entries.get(uid);
    return entry == null || entry.netns() == null ? null : entry.netns().share();
  }

  /// Whether this is the namespace known for the pod.
  synchronized boolean holds(String uid, NetnsId id) {
    var entry = entries.get(uid);
    return entry != null && entry.netns() != null && entry.netns().id().equals(id);
  }

  /// Keeps the pod from ztunnels that connect from now on.
  synchronized void leaving(String uid) {
    entries.computeIfPresent(uid, (_, entry) -> new Entry(entry.workload(), entry.netns(), true));
  }

  /// Forgets the pod and lets its namespace go.
  synchronized void remove(String uid) {
    closeNetns(entries.remove(uid));
  }

  /// What a ztunnel that has just connected is told; the handles are the caller's.
  synchronized List<ZdsPod> snapshot() {
    var pods = new ArrayList<ZdsPod>();
    entries.forEach(
        (uid, entry) -> {
          if (!entry.leaving()) {
            pods.add(new ZdsPod(uid, entry.workload(), shareOrNull(entry)));
          }
        });
    return pods;
  }

  private static @Nullable PodNetns shareOrNull(Entry entry) {
    try {
      return entry.netns() == null ? null : entry.netns().share();
    } catch (LinuxException outOfDescriptors) {
      // Better kept than dropped: ztunnel serves it already, or the next reconciliation adds it.
      return null;
    }
  }

  private static void closeNetns(@Nullable Entry entry) {
    if (entry != null && entry.netns() != null) {
      entry.netns().close();
    }
  }
}
