package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.proto.workload.NetworkMode;
import dev.kiri.mesh.proto.workload.Port;
import dev.kiri.mesh.proto.workload.TunnelProtocol;
import dev.kiri.mesh.proto.workload.Workload;
import dev.kiri.mesh.proto.workload.WorkloadStatus;
import dev.kiri.mesh.proto.workload.WorkloadType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pods as workloads (controlplane.md 3).
class WorkloadDerivationTest {
  private static final String READY =
      "{phase: Running, podIP: 10.0.0.1, conditions: [{type: Ready, status: \"True\"}]}";

  private static String pod(String meta, String spec, String status) {
    return "{apiVersion: v1, kind: Pod, metadata: {namespace: ns, uid: u, %s}, spec: {containers: [{name: c, image: i, ports: [{name: web, containerPort: 8080}]}], %s}, status: %s}"
        .formatted(meta, spec, status);
  }

  private static Workload workload(String name, String... documents) throws Exception {
    return new IndexFixture().with(documents).workload("ns", name);
  }

  @Test
  void identity_address_node_and_names_come_from_the_pod() throws Exception {
    Workload workload =
        workload(
            "p",
            pod(
                "name: p, labels: {app: shop, version: v2}",
                "nodeName: n1, serviceAccountName: sa",
                READY),
            "{apiVersion: v1, kind: Node, metadata: {name: n1, labels:"
                + " {topology.kubernetes.io/region: r, topology.kubernetes.io/zone: z,"
                + " topology.istio.io/subzone: s}}}");

    assertThat(workload.getUid()).isEqualTo("Kubernetes//Pod/ns/p");
    assertThat(workload.getServiceAccount()).isEqualTo("sa");
    assertThat(workload.getTrustDomain()).isEmpty();
    assertThat(workload.getNode()).isEqualTo("n1");
    assertThat(workload.getClusterId()).isEqualTo("Kubernetes");
    assertThat(workload.getWorkloadType()).isEqualTo(WorkloadType.POD);
    assertThat(workload.getCanonicalName()).isEqualTo("shop");
    assertThat(workload.getCanonicalRevision()).isEqualTo("v2");
    assertThat(workload.getStatus()).isEqualTo(WorkloadStatus.HEALTHY);
    assertThat(workload.getLocality().getRegion()).isEqualTo("r");
    assertThat(workload.getLocality().getSubzone()).isEqualTo("s");
    assertThat(workload.getAddresses(0).toByteArray()).containsExactly(10, 0, 0, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{phase: Succeeded, podIP: 10.0.0.1}",
        "{phase: Failed, podIP: 10.0.0.1}",
        "{phase: Pending}",
        "{phase: Running, podIP: nonsense}"
      })
  void a_pod_that_is_over_or_has_no_sound_address_is_not_there(String status) throws Exception {
    assertThat(workload("p", pod("name: p", "", status))).isNull();
  }

  @Test
  void a_pending_pod_with_an_address_and_one_that_is_being_deleted_are_unhealthy()
      throws Exception {
    assertThat(workload("p", pod("name: p", "", "{phase: Pending, podIP: 10.0.0.1}")).getStatus())
        .isEqualTo(WorkloadStatus.UNHEALTHY);
    assertThat(
            workload("p", pod("name: p, deletionTimestamp: '2026-01-01T00:00:00Z'", "", READY))
                .getStatus())
        .isEqualTo(WorkloadStatus.UNHEALTHY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: p | p",
        "name: p, labels: {service.istio.io/workload-name: w} | w",
        "name: p, generateName: p-, labels: {pod-template-hash: 1a2b}, ownerReferences: [{kind:"
            + " ReplicaSet, name: web-1a2b, controller: true}] | web",
        "name: p, labels: {pod-template-hash: 1a2b}, ownerReferences: [{kind: ReplicaSet, name:"
            + " web-1a2b, controller: true}] | p",
        "name: p, generateName: p-, ownerReferences: [{kind: ReplicaSet, name: web-1a2b}] | p",
        "name: p, generateName: p-, ownerReferences: [{kind: Job, name: backup-28481640,"
            + " controller: true}] | backup",
        "name: p, generateName: p-, ownerReferences: [{kind: Job, name: backup-7, controller:"
            + " true}] | backup-7",
        "name: p, generateName: p-, ownerReferences: [{kind: StatefulSet, name: db, controller:"
            + " true}] | db",
        "name: p, generateName: p-, labels: {deploymentconfig: dc}, ownerReferences: [{kind:"
            + " ReplicationController, name: dc-1, controller: true}] | dc"
      })
  void the_workloads_name_follows_label_and_owner(String meta, String name) throws Exception {
    assertThat(workload("p", pod(meta, "", READY)).getWorkloadName()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: p | NONE | false",
        "name: p, labels: {istio.io/dataplane-mode: ambient} | NONE | false",
        "name: p, annotations: {ambient.istio.io/redirection: enabled} | HBONE | false",
        "name: p, annotations: {ambient.istio.io/redirection: pending} | NONE | false",
        "name: p, labels: {networking.istio.io/tunnel: http} | HBONE | true",
        "name: p, labels: {security.istio.io/tlsMode: istio} | NONE | false"
      })
  void the_tunnel_follows_the_annotation_of_the_node_agent(
      String meta, TunnelProtocol protocol, boolean nativeTunnel) throws Exception {
    Workload workload = workload("p", pod(meta, "", READY));

    assertThat(workload.getTunnelProtocol()).isEqualTo(protocol);
    assertThat(workload.getNativeTunnel()).isEqualTo(nativeTunnel);
  }

  @Test
  void a_host_network_pod_cannot_be_found_by_its_address() throws Exception {
    IndexFixture index = new IndexFixture().with(pod("name: p", "hostNetwork: true", READY));

    assertThat(index.workload("ns", "p").getNetworkMode()).isEqualTo(NetworkMode.HOST_NETWORK);
    assertThat(index.address("Kubernetes//Pod/ns/p").aliases()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{port: 80} | 80",
        "{port: 80, targetPort: 9000} | 9000",
        "{port: 80, targetPort: web} | 8080",
        "{port: 80, targetPort: missing} | "
      })
  void a_target_port_is_a_number_a_containers_port_or_the_services_own(String port, Integer target)
      throws Exception {
    Workload workload =
        workload(
            "p",
            pod("name: p, labels: {app: a, tier: t}", "", READY),
            "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {selector: {tier: t, app: a}, ports: [%s]}}"
                .formatted(port));

    List<Port> ports = workload.getServicesOrThrow("ns/s.ns.svc.cluster.local").getPortsList();
    assertThat(ports).hasSize(target == null ? 0 : 1);
    if (target != null) {
      assertThat(ports.getFirst().getTargetPort()).isEqualTo(target);
    }
  }

  @Test
  void a_service_without_selector_takes_the_pods_its_slices_name_by_name_and_uid()
      throws Exception {
    String service =
        "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {ports: [{name:"
            + " h, port: 80}]}}";
    String slice =
        "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s-1, namespace:"
            + " ns, labels: {kubernetes.io/service-name: s}}, addressType: IPv4, ports: [{name: h,"
            + " port: 8080}], endpoints: [{addresses: [10.0.0.1], targetRef: {kind: Pod, name: p,"
            + " uid: %s}}, {addresses: [192.0.2.7]}]}";

    assertThat(
            workload("p", pod("name: p", "", READY), service, slice.formatted("u"))
                .getServicesCount())
        .isEqualTo(1);
    IndexFixture other =
        new IndexFixture().with(pod("name: p", "", READY), service, slice.formatted("old"));
    assertThat(other.workload("ns", "p").getServicesCount()).isZero();
    assertThat(other.address("Kubernetes/discovery.k8s.io/EndpointSlice/ns/s-1/192.0.2.7"))
        .isNotNull();
  }

  @Test
  void other_labels_and_namespaces_belong_to_no_service() throws Exception {
    String selecting =
        "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: %s}, spec: {selector: {%s},"
            + " ports: [{port: 80}]}}";
    assertThat(
            workload(
                    "p",
                    pod("name: p, labels: {app: a}", "", READY),
                    selecting.formatted("other", "app: a"),
                    selecting.formatted("ns", "app: a, tier: t"))
                .getServicesCount())
        .isZero();
  }
}
