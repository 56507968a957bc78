package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.AppProtocol;
import dev.kiri.mesh.proto.workload.LoadBalancing;
import dev.kiri.mesh.proto.workload.Service;
import dev.kiri.mesh.proto.workload.TunnelProtocol;
import dev.kiri.mesh.proto.workload.Workload;
import org.junit.jupiter.api.Test;

/// ServiceEntries and WorkloadEntries as services and workloads (controlplane.md 3.5, 3.6, 4.2,
/// 4.4).
class ServiceEntriesTest {
  private static final String SERVICE =
      "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: ns}, spec: {clusterIP:"
          + " 10.96.0.1, selector: {app: vm}, ports: [{name: http, port: 80, targetPort: 8080}]}}";
  private static final String UID = "Kubernetes/networking.istio.io/";

  private final IndexFixture fixture = new IndexFixture();

  private static String entry(String namespace, String meta, String spec) {
    return "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {namespace: %s, %s}, spec: {ports: [{number: 443, name: tls, protocol: TLS}], %s}}"
        .formatted(namespace, meta, spec);
  }

  private static String workloadEntry(String meta, String spec) {
    return "{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {namespace: ns, name: vm, %s}, spec: {%s}}"
        .formatted(meta, spec);
  }

  private Service service(String name) throws Exception {
    EncodedResource found = fixture.address(name);
    return found == null ? null : Address.parseFrom(found.bytes()).getService();
  }

  private Workload workload(String uid) throws Exception {
    EncodedResource found = fixture.address(UID + uid);
    return found == null ? null : Address.parseFrom(found.bytes()).getWorkload();
  }

  @Test
  void every_host_is_a_service_and_a_block_is_masked_and_found_by_its_alias() throws Exception {
    fixture.with(
        entry(
            "ns",
            "name: e",
            "hosts: [a.example, b.example], addresses: [10.1.2.3/16, 10.9.0.1], resolution: NONE"));

    Service service = service("ns/a.example");
    assertThat(service.getHostname()).isEqualTo("a.example");
    assertThat(service.getName()).isEqualTo("e");
    assertThat(service.getPorts(0).getAppProtocol()).isEqualTo(AppProtocol.TLS);
    assertThat(service.getPorts(0).getTargetPort()).isEqualTo(443);
    assertThat(service.getAddresses(0).getAddress().toByteArray()).containsExactly(10, 1, 0, 0);
    assertThat(service.getAddresses(0).getLength()).isEqualTo(16);
    assertThat(service.getLoadBalancing().getMode()).isEqualTo(LoadBalancing.Mode.PASSTHROUGH);
    assertThat(service.getLoadBalancing().getHealthPolicy())
        .isEqualTo(LoadBalancing.HealthPolicy.ALLOW_ALL);
    assertThat(fixture.address("ns/a.example").aliases())
        .containsExactly("/10.1.0.0/16", "/10.9.0.1");
    assertThat(service("ns/b.example")).isNotNull();
  }

  @Test
  void an_address_of_the_status_belongs_to_its_host_unless_the_user_gave_addresses()
      throws Exception {
    String status = ", status: {addresses: [{host: a.example, value: 240.240.0.7}]}}";
    String entry = entry("ns", "name: e", "hosts: [a.example, b.example], resolution: DNS");
    fixture.with(entry.substring(0, entry.length() - 1) + status);

    assertThat(service("ns/a.example").getAddresses(0).getAddress().toByteArray())
        .containsExactly((byte) 240, (byte) 240, 0, 7);
    assertThat(fixture.address("ns/b.example").aliases())
        .containsExactly("/240.240.0.1", "/2001:2::2");

    String own =
        entry("ns", "name: e", "hosts: [a.example], addresses: [10.9.0.1], resolution: DNS");
    fixture.with(own.substring(0, own.length() - 1) + status);
    assertThat(service("ns/a.example").getAddresses(0).getAddress().toByteArray())
        .containsExactly(10, 9, 0, 1);
    assertThat(service("ns/a.example").getAddressesCount()).isEqualTo(1);
    assertThat(service("ns/b.example")).isNull();
  }

  @Test
  void a_host_resolved_by_name_is_a_workload_of_that_name() throws Exception {
    fixture.with(entry("ns", "name: e", "hosts: [a.example], resolution: DNS"));

    Workload workload = workload("ServiceEntry/ns/e/a.example");
    assertThat(workload.getHostname()).isEqualTo("a.example");
    assertThat(workload.getAddressesCount()).isZero();
    assertThat(workload.getServicesMap()).containsOnlyKeys("ns/a.example");
  }

  @Test
  void endpoints_written_into_an_entry_serve_all_its_hosts() throws Exception {
    fixture.with(
        entry(
            "ns",
            "name: e, labels: {app: shop}",
            "hosts: [a.example, b.example], resolution: STATIC, endpoints: [{address: 192.0.2.1,"
                + " ports: {tls: 8443}, weight: 3, locality: r/z, network: far, serviceAccount:"
                + " sa}]"));

    Workload workload = workload("ServiceEntry/ns/e/192.0.2.1");
    assertThat(workload.getServicesMap()).containsOnlyKeys("ns/a.example", "ns/b.example");
    assertThat(workload.getServicesOrThrow("ns/a.example").getPorts(0).getTargetPort())
        .isEqualTo(8443);
    assertThat(workload.getCapacity().getValue()).isEqualTo(3);
    assertThat(workload.getLocality().getZone()).isEqualTo("z");
    assertThat(workload.getNetwork()).isEqualTo("far");
    assertThat(workload.getServiceAccount()).isEqualTo("sa");
    assertThat(workload.getCanonicalName()).isEqualTo("shop");
    assertThat(fixture.address(UID + "ServiceEntry/ns/e/192.0.2.1").aliases())
        .containsExactly("far/192.0.2.1");
  }

  @Test
  void a_service_keeps_its_host_in_its_namespace_whoever_comes_first() throws Exception {
    String thief = entry("ns", "name: e", "hosts: [web.ns.svc.cluster.local], resolution: DNS");
    fixture.with(thief);
    assertThat(service("ns/web.ns.svc.cluster.local").getName()).isEqualTo("e");

    fixture.with(SERVICE);
    assertThat(service("ns/web.ns.svc.cluster.local").getName()).isEqualTo("web");
    assertThat(workload("ServiceEntry/ns/e/web.ns.svc.cluster.local")).isNull();

    fixture.without(SERVICE);
    assertThat(service("ns/web.ns.svc.cluster.local").getName()).isEqualTo("e");
  }

  @Test
  void another_namespace_may_have_the_host_for_itself_but_not_for_everybody() throws Exception {
    fixture.with(
        SERVICE, entry("far", "name: e", "hosts: [web.ns.svc.cluster.local], resolution: DNS"));

    assertThat(service("ns/web.ns.svc.cluster.local").getCanonical()).isTrue();
    assertThat(service("far/web.ns.svc.cluster.local").getCanonical()).isFalse();
  }

  @Test
  void of_two_entries_the_older_has_the_host_and_the_other_follows_when_it_goes() throws Exception {
    String old =
        entry(
            "ns",
            "name: z, creationTimestamp: '2026-01-01T00:00:00Z'",
            "hosts: [a.example], resolution: DNS");
    fixture.with(
        entry(
            "ns",
            "name: a, creationTimestamp: '2026-02-01T00:00:00Z'",
            "hosts: [a.example], resolution: DNS"),
        old);
    assertThat(service("ns/a.example").getName()).isEqualTo("z");

    fixture.without(old);
    assertThat(service("ns/a.example").getName()).isEqualTo("a");
  }

  @Test
  void a_workload_entry_is_a_workload_of_the_services_and_entries_that_select_it()
      throws Exception {
    fixture.with(
        SERVICE,
        entry(
            "ns",
            "name: e",
            "hosts: [a.example], resolution: STATIC, workloadSelector: {labels: {app: vm}}"),
        workloadEntry(
            "labels: {networking.istio.io/tunnel: http}",
            "address: 192.0.2.7, labels: {app: vm}, serviceAccount: sa, ports: {http: 9090}"));

    Workload workload = workload("WorkloadEntry/ns/vm");
    assertThat(workload.getServicesMap())
        .containsOnlyKeys("ns/a.example", "ns/web.ns.svc.cluster.local");
    assertThat(
            workload.getServicesOrThrow("ns/web.ns.svc.cluster.local").getPorts(0).getTargetPort())
        .isEqualTo(9090);
    assertThat(workload.getTunnelProtocol()).isEqualTo(TunnelProtocol.HBONE);
    assertThat(workload.getNativeTunnel()).isTrue();
    assertThat(workload.getServiceAccount()).isEqualTo("sa");
  }

  @Test
  void labels_of_a_workload_entrys_metadata_win_over_those_of_its_spec() throws Exception {
    fixture.with(
        SERVICE, workloadEntry("labels: {app: other}", "address: vm.example, labels: {app: vm}"));

    Workload workload = workload("WorkloadEntry/ns/vm");
    assertThat(workload.getServicesMap()).isEmpty();
    assertThat(workload.getHostname()).isEqualTo("vm.example");
    assertThat(workload.getCanonicalName()).isEqualTo("other");
  }

  @Test
  void a_pod_serves_an_entry_that_selects_it() throws Exception {
    fixture.with(
        entry(
            "ns",
            "name: e",
            "hosts: [a.example], resolution: STATIC, workloadSelector: {labels: {app: x}}"),
        "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, labels: {app: x}}, spec:"
            + " {containers: [{name: c, image: i, ports: [{name: tls, containerPort: 8443}]}]},"
            + " status: {podIP: 10.0.0.1}}");

    assertThat(
            fixture
                .workload("ns", "p")
                .getServicesOrThrow("ns/a.example")
                .getPorts(0)
                .getTargetPort())
        .isEqualTo(8443);
  }
}
