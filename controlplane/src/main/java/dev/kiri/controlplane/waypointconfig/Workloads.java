package dev.kiri.controlplane.waypointconfig;

import dev.kiri.controlplane.graph.Index;
import dev.kiri.controlplane.graph.Reader;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.kinds.Meta;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.VirtualServiceObject.Client;
import dev.kiri.waypoint.config.v1.ClientMatch;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Turns labels into the pods that have them: a proxy knows pods, of clients by their identity and
/// address, of services as their endpoints, but no labels.
final class Workloads {
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

  private final Index<String, String, Meta> byLabel;
  private final String cluster;

  /// To be made before the first change.
  Workloads(MeshIndex index) {
    this.byLabel = index.objects().pods.index(PodObject::meta, meta -> entries(meta.labels()));
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
    Map<String, String> labels = client.sourceLabels();
    if (labels.isEmpty()) {
      return out.build();
    }
    return out.setByWorkload(true).addAllWorkloads(having(labels, reader)).build();
  }

  /// Uids of the pods with all of these labels, of every namespace; none for no labels.
  List<String> having(Map<String, String> labels, Reader reader) {
    List<String> entries = entries(new TreeMap<>(labels));
    return entries.isEmpty()
        ? List.of()
        : reader.find(byLabel, entries.getFirst()).stream()
            .filter(pod -> pod.labels().entrySet().containsAll(labels.entrySet()))
            .map(pod -> cluster + "//Pod/" + pod.namespace() + "/" + pod.name())
            .toList();
  }
}
