package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Client;
import dev.kiri.waypoint.config.v1.ClientMatch;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Turns `sourceLabels` into the pods that have them: a proxy knows a client's identity and address
/// and so its pod, but no labels.
final class ClientWorkloads {
  /// Labels of single pods or revisions, which nobody selects clients by and which would make an
  /// entry for every pod.
  private static final Set<String> NOT_INDEXED =
      Set.of(
          "pod-template-hash",
          "controller-revision-hash",
          "pod-template-generation",
          "statefulset.kubernetes.io/pod-name",
          "apps.kubernetes.io/pod-index",
          "batch.kubernetes.io/controller-uid",
          "controller-uid");

  private final Index<String, String, PodObject> byLabel;
  private final String cluster;

  /// To be made before the first change.
  ClientWorkloads(MeshIndex index) {
    this.byLabel = index.objects().pods.index(pod -> entries(pod.meta().labels()));
    this.cluster = index.settings().clusterId();
  }

  private static List<String> entries(Map<String, String> labels) {
    return labels.entrySet().stream()
        .filter(label -> !NOT_INDEXED.contains(label.getKey()))
        .map(label -> label.getKey() + "=" + label.getValue())
        .toList();
  }

  /// The condition on a client; the default instance where there is none.
  ClientMatch match(Client client, Reader reader) {
    ClientMatch.Builder out = ClientMatch.newBuilder().setNamespace(client.sourceNamespace());
    Map<String, String> labels = new TreeMap<>(client.sourceLabels());
    if (labels.isEmpty()) {
      return out.build();
    }
    List<String> entries = entries(labels);
    return out.setByWorkload(true)
        .addAllWorkloads(
            entries.isEmpty()
                ? List.of()
                : reader.find(byLabel, entries.getFirst()).stream()
                    .filter(pod -> pod.meta().labels().entrySet().containsAll(labels.entrySet()))
                    .map(pod -> cluster + "//Pod/" + pod.key().path())
                    .collect(Collectors.toList()))
        .build();
  }
}
