package dev.kiri.controlplane.index;

import dev.kiri.controlplane.ca.PodView;
import dev.kiri.controlplane.graph.Table.Change;
import dev.kiri.controlplane.kinds.PodObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What other threads may ask about pods. Thread-safe; the index's thread is the only writer.
public final class PodDirectory implements PodView {
  private final Map<String, PodObject> pods = new ConcurrentHashMap<>();
  private final Map<String, Integer> accountsOnNodes = new ConcurrentHashMap<>();

  void changed(List<Change<String, PodObject>> changes) {
    for (Change<String, PodObject> change : changes) {
      PodObject now = change.after();
      PodObject before = change.before();
      if (now != null) {
        count(now, 1);
        pods.put(change.key(), now);
      } else {
        pods.remove(change.key());
      }
      if (before != null) {
        count(before, -1);
      }
    }
  }

  private void count(PodObject pod, int by) {
    if (pod.nodeName().isEmpty() || pod.phase().equals("Failed")) {
      return;
    }
    accountsOnNodes.merge(
        slot(pod.meta().namespace(), pod.serviceAccount(), pod.nodeName()),
        by,
        (a, b) -> a + b == 0 ? null : a + b);
  }

  @Override
  public @Nullable Facts pod(String namespace, String name) {
    PodObject pod = pods.get(namespace + "/" + name);
    return pod == null ? null : new Facts(pod.meta().uid(), pod.serviceAccount(), pod.nodeName());
  }

  @Override
  public boolean accountRunsOn(String namespace, String serviceAccount, String node) {
    return accountsOnNodes.containsKey(slot(namespace, serviceAccount, node));
  }

  /// The Gateway a pod is an instance of, by its label; empty where it is none or not known.
  public String gatewayOf(String namespace, String name) {
    PodObject pod = pods.get(namespace + "/" + name);
    return pod == null
        ? ""
        : Objects.requireNonNullElse(pod.meta().label(WellKnown.GATEWAY_NAME), "");
  }

  private static String slot(String namespace, String account, String node) {
    return namespace + "/" + account + "@" + node;
  }
}
