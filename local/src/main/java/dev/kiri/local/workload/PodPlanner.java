package dev.kiri.local.workload;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Compares the pods there are with the pods there should be. Pure: the same objects give the same
/// steps, and applying them again and again ends with no steps.
public final class PodPlanner {
  /// The node that outside pods are shown on.
  public static final String OUTSIDE_NODE = "outside";

  private final List<KubeObject> workloads;
  private final Map<ObjectKey, KubeObject> pods = new TreeMap<>();
  private final Map<String, Map<String, String>> nodes;
  private final Instant now;
  private final List<Step> steps = new ArrayList<>();

  private PodPlanner(
      List<KubeObject> workloads,
      List<KubeObject> pods,
      Map<String, Map<String, String>> nodes,
      Instant now) {
    this.workloads = workloads;
    pods.forEach(p -> this.pods.put(p.key(), p));
    this.nodes = nodes;
    this.now = now;
  }

  /// @param workloads Deployments, StatefulSets, DaemonSets and Jobs
  /// @param nodes name to labels, in the order of the nodes
  public static List<Step> plan(
      List<KubeObject> workloads,
      List<KubeObject> pods,
      Map<String, Map<String, String>> nodes,
      Instant now) {
    var planner = new PodPlanner(workloads, pods, nodes, now);
    planner.removeOrphans();
    workloads.forEach(planner::plan);
    planner.bindAll();
    return List.copyOf(planner.steps);
  }

  private void removeOrphans() {
    var owners = workloads.stream().map(w -> PodTemplate.ownerText(w.key())).toList();
    for (var pod : List.copyOf(pods.values())) {
      var owner = PodTemplate.ownerOf(pod);
      if (!owner.isEmpty() && !owners.contains(owner)) {
        delete(pod);
      }
    }
  }

  private void plan(KubeObject workload) {
    switch (workload.kind()) {
      case "Deployment" -> deployment(workload);
      case "StatefulSet" -> statefulSet(workload);
      case "DaemonSet" -> daemonSet(workload);
      case "Job" -> job(workload);
      default -> throw new IllegalArgumentException(workload.kind() + " makes no pods");
    }
  }

  private List<KubeObject> podsOf(KubeObject workload) {
    var owner = PodTemplate.ownerText(workload.key());
    return pods.values().stream()
        .filter(p -> PodTemplate.ownerOf(p).equals(owner) && !Pods.isTerminating(p))
        .toList();
  }

  private void deployment(KubeObject workload) {
    int wanted = workload.number(1, "spec", "replicas");
    var hash = PodTemplate.hash(workload);
    var mine = podsOf(workload);
    var current =
        new ArrayList<>(
            mine.stream().filter(p -> hash.equals(p.labels().get("pod-template-hash"))).toList());
    var old = mine.stream().filter(p -> !current.contains(p)).toList();
    boolean recreate = workload.text("spec", "strategy", "type").equals("Recreate");
    var set = workload.name() + "-" + hash;
    for (int i = 0; current.size() < wanted && !(recreate && !old.isEmpty()); i++) {
      var name = set + "-" + PodTemplate.letters(workload.uid() + hash + i, 5);
      if (!pods.containsKey(ObjectKey.of("Pod", workload.namespace(), name))) {
        current.add(
            create(
                PodTemplate.pod(
                    workload,
                    name,
                    set + "-",
                    "ReplicaSet",
                    set,
                    Map.of("pod-template-hash", hash))));
      }
    }
    current.stream()
        .sorted(Comparator.comparing(Pods::isReady))
        .limit(Math.max(0, current.size() - wanted))
        .toList()
        .forEach(this::delete);
    int ready = ready(current);
    int mayGo = recreate ? old.size() : Math.max(0, old.size() + ready - wanted);
    old.stream().sorted(Comparator.comparing(Pods::isReady)).limit(mayGo).forEach(this::delete);
    status(
        workload,
        WorkloadStatus.ofReplicas(workload, wanted, mine.size(), ready, current.size(), now));
  }

  private void statefulSet(KubeObject workload) {
    int wanted = workload.number(1, "spec", "replicas");
    var hash = PodTemplate.hash(workload);
    boolean parallel = workload.text("spec", "podManagementPolicy").equals("Parallel");
    int ready = 0;
    var mine = podsOf(workload);
    for (int i = 0; i < wanted; i++) {
      var name = workload.name() + "-" + i;
      var pod = pods.get(ObjectKey.of("Pod", workload.namespace(), name));
      if (pod == null) {
        var labels =
            Map.of(
                "controller-revision-hash",
                workload.name() + "-" + hash,
                "statefulset.kubernetes.io/pod-name",
                name,
                "apps.kubernetes.io/pod-index",
                Integer.toString(i));
        var made =
            PodTemplate.pod(
                workload, name, workload.name() + "-", "StatefulSet", workload.name(), labels);
        made = made.with(name, "spec", "hostname");
        var service = workload.text("spec", "serviceName");
        create(service.isEmpty() ? made : made.with(service, "spec", "subdomain"));
      } else if (!Pods.isTerminating(pod)
          && !(workload.name() + "-" + hash).equals(pod.labels().get("controller-revision-hash"))) {
        delete(pod);
      }
      boolean isReady = pod != null && Pods.isReady(pod);
      ready += isReady ? 1 : 0;
      if (!isReady && !parallel) {
        break;
      }
    }
    for (var pod : mine) {
      var index = pod.labels().getOrDefault("apps.kubernetes.io/pod-index", "0");
      if (Integer.parseInt(index) >= wanted) {
        delete(pod);
      }
    }
    status(
        workload,
        WorkloadStatus.ofReplicas(workload, wanted, mine.size(), ready, mine.size(), now));
  }

  private void daemonSet(KubeObject workload) {
    var hash = PodTemplate.hash(workload);
    var selector = workload.texts("spec", "template", "spec", "nodeSelector");
    int wanted = 0;
    for (var node : nodes.entrySet()) {
      if (!selector.isEmpty() && !Pods.matches(selector, node.getValue())) {
        continue;
      }
      wanted++;
      var name = workload.name() + "-" + node.getKey();
      var pod = pods.get(ObjectKey.of("Pod", workload.namespace(), name));
      if (pod == null) {
        var labels = Map.of("controller-revision-hash", hash);
        var made =
            PodTemplate.pod(
                workload, name, workload.name() + "-", "DaemonSet", workload.name(), labels);
        create(made.with(node.getKey(), "spec", "nodeName"));
      } else if (!Pods.isTerminating(pod)
          && !hash.equals(pod.labels().get("controller-revision-hash"))) {
        delete(pod);
      }
    }
    status(workload, WorkloadStatus.ofDaemons(workload, wanted, ready(podsOf(workload))));
  }

  private void job(KubeObject workload) {
    int completions = workload.number(1, "spec", "completions");
    int parallelism = workload.number(1, "spec", "parallelism");
    var mine = podsOf(workload);
    int succeeded = inPhase(mine, "Succeeded");
    int failed = inPhase(mine, "Failed");
    int active = mine.size() - succeeded - failed;
    var labels =
        Map.of("job-name", workload.name(), "batch.kubernetes.io/job-name", workload.name());
    for (int i = 0;
        active < Math.min(parallelism, completions - succeeded)
            && !WorkloadStatus.hasGivenUp(workload, failed);
        i++) {
      var name = workload.name() + "-" + PodTemplate.letters(workload.uid() + i, 5);
      if (!pods.containsKey(ObjectKey.of("Pod", workload.namespace(), name))) {
        create(
            PodTemplate.pod(workload, name, workload.name() + "-", "Job", workload.name(), labels));
        active++;
      }
    }
    status(workload, WorkloadStatus.ofJob(workload, active, succeeded, failed, now));
  }

  private static int ready(List<KubeObject> pods) {
    return Math.toIntExact(pods.stream().filter(Pods::isReady).count());
  }

  private static int inPhase(List<KubeObject> pods, String phase) {
    return Math.toIntExact(
        pods.stream().filter(p -> p.text("status", "phase").equals(phase)).count());
  }

  private void status(KubeObject workload, Map<String, Object> status) {
    if (!status.equals(workload.map("status"))) {
      steps.add(new Step.Status(workload.key(), status));
    }
  }

  private void bindAll() {
    for (var pod : List.copyOf(pods.values())) {
      if (pod.text("spec", "nodeName").isEmpty() && !Pods.isTerminating(pod)) {
        var node =
            PodTemplate.isOutside(pod)
                ? java.util.Optional.of(OUTSIDE_NODE)
                : Scheduler.choose(pod, nodes, pods.values());
        if (node.isPresent()) {
          var bound = pod.with(node.get(), "spec", "nodeName");
          pods.put(pod.key(), bound);
          if (!replaceInCreate(bound)) {
            steps.add(new Step.Bind(pod.key(), node.get()));
          }
        }
      }
    }
  }

  private boolean replaceInCreate(KubeObject bound) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof Step.Create(var pod) && pod.key().equals(bound.key())) {
        steps.set(i, new Step.Create(bound));
        return true;
      }
    }
    return false;
  }

  private KubeObject create(KubeObject pod) {
    pods.put(pod.key(), pod);
    steps.add(new Step.Create(pod));
    return pod;
  }

  private void delete(KubeObject pod) {
    if (!Pods.isTerminating(pod)) {
      steps.add(new Step.Delete(pod.key()));
      pods.put(pod.key(), pod.with(now.toString(), "metadata", "deletionTimestamp"));
    }
  }
}
