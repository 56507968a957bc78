package dev.kiri.local.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.pod.ContainerState.Running;
import dev.kiri.local.pod.ContainerState.Terminated;
import dev.kiri.local.pod.ContainerState.Waiting;
import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.Yaml;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a pod's files, environment and status say.
class PodTextsTest {
  private final KubeObject pod =
      KubeObject.of(
          KubeObject.asMap(
              Yaml.documents(
                      "test",
                      """
                      kind: Pod
                      metadata: {name: web-1, namespace: shop, uid: u, labels: {app: web}}
                      spec:
                        nodeName: node-1
                        hostAliases: [{ip: 192.0.2.1, hostnames: [a, b]}]
                        containers:
                          - name: c
                            env:
                              - {name: WHO, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                              - {name: GREETING, value: "hello $(WHO), $$(WHO), $(NOBODY)"}
                              - {name: FROM_MAP, valueFrom: {configMapKeyRef: {name: settings, key: k}}}
                              - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
                      """)
                  .getFirst()));

  private final VolumeSources sources =
      (kind, name) ->
          kind.equals("ConfigMap") && name.equals("settings")
              ? Optional.of(
                  KubeObject.of(
                      Map.of(
                          "kind",
                          "ConfigMap",
                          "metadata",
                          Map.of("name", name),
                          "data",
                          Map.of("k", "v"))))
              : Optional.empty();

  @Test
  void expands_the_environment_as_kubernetes_does() {
    var environment = Environment.of(pod, ContainerSpec.containersOf(pod).getFirst(), sources);

    assertThat(environment)
        .containsEntry("GREETING", "hello web-1, $(WHO), $(NOBODY)")
        .containsEntry("FROM_MAP", "v")
        .containsEntry("LABEL", "web")
        .containsEntry("HOSTNAME", "web-1");
  }

  @Test
  void searches_names_as_a_cluster_does() {
    assertThat(PodFiles.resolvConf(pod).lines())
        .containsExactly(
            "search shop.svc.cluster.local svc.cluster.local cluster.local",
            "nameserver 10.96.0.10",
            "options ndots:5");
  }

  @Test
  void knows_itself_and_its_aliases() {
    assertThat(PodFiles.hosts(pod, List.of("10.244.1.2")))
        .contains("10.244.1.2\tweb-1\n")
        .contains("192.0.2.1\ta\tb\n");
  }

  @Test
  void waits_for_a_config_map_that_is_not_there() {
    var needy =
        pod.with(
            List.of(Map.of("name", "v", "configMap", Map.of("name", "later"))), "spec", "volumes");

    assertThat(PodFiles.missing(needy, sources)).containsExactly("v");
  }

  @Test
  void makes_a_mount_point_the_host_lacks_without_touching_the_host() {
    var bind = new RootScript.Bind("/state/v", "/data/x", false, true);

    var script =
        RootScript.of(
            "/state/root",
            "web-1",
            List.of(new RootScript.Entry.Folder("usr")),
            List.of(bind),
            true);

    assertThat(script)
        .contains("place '/data/x' folder\n")
        .contains("mount --rbind '/state/v' \"$R\"'/data/x'\n")
        .contains("mount -o remount,bind,ro \"$R\"'/data/x'\n");
  }

  @Test
  void quotes_what_a_shell_would_read_otherwise() {
    assertThat(RootScript.quoted("it's $HOME")).isEqualTo("'it'\\''s $HOME'");
  }

  private static PodStatus status(ContainerState state, boolean ready, String policy) {
    var container = new PodStatus.Container("c", "i", state, null, ready, 0);
    return new PodStatus(
        List.of(),
        List.of(container),
        true,
        policy,
        List.of("10.244.1.2"),
        List.of("172.30.0.11"),
        Instant.EPOCH,
        PodStatus.NO_PROBLEM);
  }

  @Test
  void tells_the_phases_apart() {
    assertThat(status(new Waiting("ContainerCreating", ""), false, "Always").phase())
        .isEqualTo("Pending");
    assertThat(status(new Running(Instant.EPOCH), true, "Always").phase()).isEqualTo("Running");
    assertThat(status(new Terminated(0, Instant.EPOCH, Instant.EPOCH), false, "Never").phase())
        .isEqualTo("Succeeded");
    assertThat(status(new Terminated(1, Instant.EPOCH, Instant.EPOCH), false, "Never").phase())
        .isEqualTo("Failed");
  }

  @Test
  void keeps_the_time_of_a_condition_that_did_not_change() {
    var first = status(new Running(Instant.EPOCH), true, "Always").fields(Map.of(), Instant.EPOCH);

    var second =
        status(new Running(Instant.EPOCH), true, "Always")
            .fields(first, Instant.EPOCH.plusSeconds(9));

    assertThat(second).isEqualTo(first);
  }

  @Test
  void doubles_the_back_off_up_to_a_minute() {
    var backOff = Duration.ZERO;
    for (int i = 0; i < 20; i++) {
      backOff = ContainerRun.next(backOff);
    }

    assertThat(ContainerRun.next(Duration.ZERO)).hasSeconds(1);
    assertThat(backOff).hasMinutes(1);
  }

  @Test
  void reads_a_health_answer_frame_by_frame() throws Exception {
    var serving =
        new byte[] {
          0,
          0,
          0,
          4,
          0,
          0,
          0,
          0,
          0, // settings
          0,
          0,
          1,
          1,
          4,
          0,
          0,
          0,
          1,
          0x20, // headers
          0,
          0,
          7,
          0,
          0,
          0,
          0,
          0,
          1,
          0,
          0,
          0,
          0,
          2,
          0x08,
          1 // data: SERVING
        };

    assertThat(GrpcHealth.isServing(new DataInputStream(new ByteArrayInputStream(serving))))
        .isTrue();
    serving[serving.length - 1] = 2;
    assertThat(GrpcHealth.isServing(new DataInputStream(new ByteArrayInputStream(serving))))
        .isFalse();
  }
}
