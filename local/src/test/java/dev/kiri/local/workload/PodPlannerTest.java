package dev.kiri.local.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Controllers and scheduler, one round at a time.
class PodPlannerTest {
  private final Map<String, Map<String, String>> nodes = new LinkedHashMap<>();
  private final List<KubeObject> pods = new ArrayList<>();

  PodPlannerTest() {
    nodes.put("node-1", Map.of("zone", "a"));
    nodes.put("node-2", Map.of("zone", "b"));
  }

  private static KubeObject workload(String kind, String spec) {
    return KubeObject.of(
        KubeObject.asMap(
            Yaml.documents(
                    "test",
                    "{kind: "
                        + kind
                        + ", metadata: {name: web, namespace: shop, uid: u}, spec: {"
                        + spec
                        + "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c,"
                        + " image: kiri.dev/echo}]}}}}")
                .getFirst()));
  }

  /// Plans and carries out one round; returns its steps without the writing of status.
  private List<Step> round(KubeObject... workloads) {
    var steps =
        PodPlanner.plan(List.of(workloads), pods, nodes, Instant.EPOCH).stream()
            .filter(s -> !(s instanceof Step.Status))
            .toList();
    for (var step : steps) {
      switch (step) {
        case Step.Create(var pod) -> pods.add(pod);
        case Step.Delete(var key) -> pods.removeIf(p -> p.key().equals(key));
        case Step.Bind(var key, var node) ->
            pods.replaceAll(p -> p.key().equals(key) ? p.with(node, "spec", "nodeName") : p);
        case Step.Status _ -> {}
      }
    }
    return steps;
  }

  private void allReady() {
    pods.replaceAll(
        p -> p.with(List.of(Map.of("type", "Ready", "status", "True")), "status", "conditions"));
  }

  @Test
  void spreads_the_pods_of_a_deployment_over_the_nodes() {
    var deployment = workload("Deployment", "replicas: 4, ");

    round(deployment);

    assertThat(pods)
        .extracting(p -> p.text("spec", "nodeName"))
        .containsExactlyInAnyOrder("node-1", "node-2", "node-1", "node-2");
    assertThat(round(deployment)).isEmpty();
  }

  @Test
  void names_and_labels_pods_so_that_their_workload_can_be_told() {
    round(workload("Deployment", ""));

    var pod = pods.getFirst();
    var hash = pod.labels().get("pod-template-hash");
    assertThat(pod.text("metadata", "generateName")).isEqualTo("web-" + hash + "-");
    assertThat(pod.name()).startsWith("web-" + hash + "-");
    assertThat(pod.maps("metadata", "ownerReferences").getFirst())
        .containsEntry("kind", "ReplicaSet")
        .containsEntry("name", "web-" + hash);
  }

  @Test
  void replaces_pods_of_an_old_template_when_the_new_ones_are_ready() {
    round(workload("Deployment", "replicas: 2, "));
    allReady();
    var changed =
        workload("Deployment", "replicas: 2, ")
            .with("v2", "spec", "template", "metadata", "labels", "version");

    round(changed);
    assertThat(pods).hasSize(4);
    allReady();
    round(changed);

    assertThat(pods).hasSize(2).allMatch(p -> "v2".equals(p.labels().get("version")));
  }

  @Test
  void shrinks_a_deployment() {
    round(workload("Deployment", "replicas: 3, "));

    round(workload("Deployment", "replicas: 1, "));

    assertThat(pods).hasSize(1);
  }

  @Test
  void removes_the_pods_of_a_workload_that_went() {
    round(workload("Deployment", ""));

    round();

    assertThat(pods).isEmpty();
  }

  @Test
  void starts_a_stateful_set_in_order() {
    var set = workload("StatefulSet", "replicas: 2, serviceName: web, ");

    round(set);
    assertThat(pods).extracting(KubeObject::name).containsExactly("web-0");
    allReady();
    round(set);

    assertThat(pods).extracting(KubeObject::name).containsExactly("web-0", "web-1");
    assertThat(pods.getFirst().text("spec", "subdomain")).isEqualTo("web");
  }

  @Test
  void runs_a_daemon_set_on_every_node_its_selector_allows() {
    round(workload("DaemonSet", ""));
    assertThat(pods).extracting(KubeObject::name).containsExactly("web-node-1", "web-node-2");
    pods.clear();

    round(
        workload("DaemonSet", "")
            .with(Map.of("zone", "b"), "spec", "template", "spec", "nodeSelector"));

    assertThat(pods).extracting(KubeObject::name).containsExactly("web-node-2");
  }

  @Test
  void runs_a_job_until_it_is_complete() {
    var job = workload("Job", "completions: 2, ");

    round(job);
    assertThat(pods).hasSize(1);
    pods.replaceAll(p -> p.with("Succeeded", "status", "phase"));
    round(job);
    assertThat(pods).hasSize(2);
    pods.replaceAll(p -> p.with("Succeeded", "status", "phase"));

    assertThat(round(job)).isEmpty();
  }

  @Test
  void gives_up_on_a_job_that_keeps_failing() {
    var job = workload("Job", "backoffLimit: 1, ");
    for (int i = 0; i < 5; i++) {
      round(job);
      pods.replaceAll(p -> p.with("Failed", "status", "phase"));
    }

    assertThat(pods).hasSize(2);
  }

  @Test
  void leaves_pods_outside_the_nodes() {
    pods.add(
        KubeObject.of(
            KubeObject.asMap(
                Yaml.documents(
                        "test",
                        "{kind: Pod, metadata: {name: o, annotations: {local.kiri.dev/outside:"
                            + " 'true'}}, spec: {}}")
                    .getFirst())));

    round();

    assertThat(pods.getFirst().text("spec", "nodeName")).isEqualTo("outside");
  }
}
