package dev.kiri.mesh.ca;

import static dev.kiri.mesh.testing.Meshes.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.mesh.store.MeshUpdate.PutWorkload;
import dev.kiri.mesh.store.MeshUpdate.RemoveAddress;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.WorkloadBuilder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeCertificatesTest {
  private final MeshStore store = new MeshStore("node-1");
  private final CertificateManager certificates =
      new CertificateManager(
          identity -> {
            throw new CertificateRefused("no authority in this test");
          });
  private final NodeCertificates node = NodeCertificates.watch(certificates, store, "node-1");

  @AfterEach
  void stop() {
    node.close();
    certificates.close();
  }

  private static MeshUpdate put(WorkloadBuilder workload) {
    return new PutWorkload(workload.build());
  }

  private static WorkloadBuilder here(String name) {
    return pod("ns", name, "192.0.2.1").node("node-1").serviceAccount("shared");
  }

  private List<String> asked() {
    return certificates.states().stream().map(status -> status.identity().uri()).toList();
  }

  @Test
  void workloads_of_the_node_that_speak_hbone_have_certificates_asked_for() {
    store.apply(
        List.of(
            put(here("a")),
            put(here("native").protocol(TunnelProtocol.TCP).nativeTunnel(true).serviceAccount("n")),
            put(here("plain").protocol(TunnelProtocol.TCP).serviceAccount("plain")),
            put(pod("ns", "away", "192.0.2.2").node("node-2"))));

    assertThat(asked())
        .containsExactly(
            "spiffe://cluster.local/ns/ns/sa/n", "spiffe://cluster.local/ns/ns/sa/shared");
  }

  @Test
  void an_identity_is_forgotten_with_its_last_workload_and_not_before() {
    store.apply(List.of(put(here("a")), put(here("b"))));
    store.apply(List.of(new RemoveAddress("Kubernetes//Pod/ns/a")));
    store.apply(List.of(put(here("b").capacity(2))));
    var before = asked();

    store.apply(List.of(new RemoveAddress("Kubernetes//Pod/ns/b")));

    assertThat(before).hasSize(1);
    assertThat(asked()).isEmpty();
  }

  @Test
  void a_workload_replaced_by_another_of_its_identity_keeps_it() {
    store.apply(List.of(put(here("a"))));

    store.apply(List.of(new RemoveAddress("Kubernetes//Pod/ns/a"), put(here("b"))));

    assertThat(asked()).hasSize(1);
  }
}
