package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.NetworkMode;
import dev.kiri.mesh.proto.workload.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An entry does not draw the traffic to an address that belongs to somebody else.
class EntryAddressesTest {
  private static final String UID = "Kubernetes/networking.istio.io/";

  private final IndexFixture fixture = new IndexFixture();

  private static String workloadEntry(String namespace, String created, String spec) {
    return "{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {namespace: %s, name: vm, creationTimestamp: '%s'}, spec: {%s}}"
        .formatted(namespace, created, spec);
  }

  private static String serviceEntry(String namespace, String created, String host, String ends) {
    return "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {namespace: %s, name: e, creationTimestamp: '%s'}, spec: {hosts: [%s], resolution: STATIC, ports: [{number: 80, name: http}], endpoints: [%s]}}"
        .formatted(namespace, created, host, ends);
  }

  private static final String OLD = "2026-01-01T00:00:00Z";
  private static final String NEW = "2026-01-02T00:00:00Z";

  private static String pod(String ip, String spec) {
    return "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns}, spec: {%s}, status: {podIP: %s}}"
        .formatted(spec, ip);
  }

  private void assertOwn(String uid, String alias) throws Exception {
    EncodedResource found = fixture.address(UID + uid);
    assertThat(found.aliases()).containsExactly(alias);
    assertThat(workload(found).getNetworkMode()).isEqualTo(NetworkMode.STANDARD);
  }

  private void assertNotFoundByAddress(String uid) throws Exception {
    EncodedResource found = fixture.address(UID + uid);
    assertThat(found.aliases()).isEmpty();
    assertThat(workload(found).getNetworkMode()).isEqualTo(NetworkMode.HOST_NETWORK);
    assertThat(workload(found).getAddressesCount()).isOne();
  }

  private static Workload workload(EncodedResource resource) throws Exception {
    return Address.parseFrom(resource.bytes()).getWorkload();
  }

  private String owner(String entry) {
    return fixture.index.entryAddresses().ofWorkloadEntries().rows().get(entry).toString();
  }

  @Test
  void a_pod_takes_its_address_from_an_older_entry_and_gives_it_back_when_it_goes()
      throws Exception {
    fixture.with(workloadEntry("evil", OLD, "address: 10.0.0.1"));
    assertOwn("WorkloadEntry/evil/vm", "/10.0.0.1");

    fixture.with(pod("10.0.0.1", ""));
    assertNotFoundByAddress("WorkloadEntry/evil/vm");
    assertThat(owner("evil/vm")).isEqualTo("{10.0.0.1=Pod ns/p}");

    fixture.without(pod("10.0.0.1", ""));
    assertOwn("WorkloadEntry/evil/vm", "/10.0.0.1");
  }

  @Test
  void the_address_of_a_node_belongs_to_the_pods_that_share_it() throws Exception {
    fixture.with(
        pod("10.9.0.1", "hostNetwork: true"), workloadEntry("evil", OLD, "address: 10.9.0.1"));

    assertNotFoundByAddress("WorkloadEntry/evil/vm");
  }

  @Test
  void an_entry_does_not_stand_at_the_virtual_address_of_a_service() throws Exception {
    fixture.with(
        "{apiVersion: v1, kind: Service, metadata: {name: waypoint, namespace: ns}, spec:"
            + " {clusterIP: 10.96.0.1}}",
        workloadEntry("evil", OLD, "address: 10.96.0.1"));

    assertNotFoundByAddress("WorkloadEntry/evil/vm");
    assertThat(owner("evil/vm")).isEqualTo("{10.96.0.1=Service ns/waypoint}");
  }

  @Test
  void among_entries_the_oldest_has_the_address_whatever_its_kind() throws Exception {
    fixture.with(
        workloadEntry("a", NEW, "address: 192.0.2.1"),
        serviceEntry("b", OLD, "b.example", "{address: 192.0.2.1}, {address: 192.0.2.2}"));

    assertNotFoundByAddress("WorkloadEntry/a/vm");
    assertOwn("ServiceEntry/b/e/192.0.2.1", "/192.0.2.1");
    assertThat(owner("a/vm")).isEqualTo("{192.0.2.1=ServiceEntry b/e}");

    fixture.with(workloadEntry("c", "2025-01-01T00:00:00Z", "address: 192.0.2.1"));
    assertNotFoundByAddress("ServiceEntry/b/e/192.0.2.1");
    assertOwn("ServiceEntry/b/e/192.0.2.2", "/192.0.2.2");
    assertThat(owner("a/vm")).isEqualTo("{192.0.2.1=WorkloadEntry c/vm}");
  }

  @Test
  void an_entry_that_lost_its_only_host_keeps_no_address_from_others() throws Exception {
    fixture.with(
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: b}, spec: {}}",
        serviceEntry("b", OLD, "web.b.svc.cluster.local", "{address: 192.0.2.1}"),
        workloadEntry("a", NEW, "address: 192.0.2.1"));

    assertOwn("WorkloadEntry/a/vm", "/192.0.2.1");
  }

  @Test
  void the_same_address_in_another_network_is_another_address() throws Exception {
    fixture.with(
        pod("10.0.0.1", ""), workloadEntry("far", OLD, "address: 10.0.0.1, network: elsewhere"));

    assertOwn("WorkloadEntry/far/vm", "elsewhere/10.0.0.1");
  }

  @Test
  void an_address_written_in_another_way_is_the_same_address() throws Exception {
    fixture.with(pod("'2001:db8::1'", ""), workloadEntry("evil", OLD, "address: '2001:DB8:0::1'"));

    assertNotFoundByAddress("WorkloadEntry/evil/vm");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void at_most_one_resource_is_found_by_an_address_and_it_is_the_pod_where_there_is_one(long seed)
      throws Exception {
    Random random = new Random(seed);
    for (int step = 0; step < 300; step++) {
      String document = document(random);
      if (random.nextInt(3) == 0) {
        fixture.without(document);
      } else {
        fixture.with(document);
      }
      Map<String, List<String>> byAlias = new HashMap<>();
      for (EncodedResource resource : fixture.addresses()) {
        for (String alias : resource.aliases()) {
          byAlias.computeIfAbsent(alias, _ -> new ArrayList<>()).add(resource.name());
        }
      }
      for (var at : byAlias.entrySet()) {
        assertThat(at.getValue()).as(at.getKey()).hasSize(1);
      }
      for (var pod : fixture.index.objects().pods.rows().values()) {
        String alias = "/" + pod.addresses().getFirst().getHostAddress();
        assertThat(byAlias.get(alias)).containsExactly("Kubernetes//Pod/" + pod.key().path());
      }
    }
  }

  /// Each pod has an address of its own, as in a cluster; entries name any.
  private static String document(Random random) {
    int n = random.nextInt(4);
    String namespace = List.of("a", "b", "c").get(random.nextInt(3));
    String created = "2026-01-0" + (1 + random.nextInt(3)) + "T00:00:00Z";
    return switch (random.nextInt(3)) {
      case 0 -> pod("10.0.0." + n, "").replace("name: p,", "name: p" + n + ",");
      case 1 -> workloadEntry(namespace, created, "address: 10.0.0." + random.nextInt(4));
      default ->
          serviceEntry(
              namespace,
              created,
              namespace + ".example",
              "{address: 10.0.0.%d}, {address: 10.0.0.%d, weight: 2}"
                  .formatted(n, random.nextInt(4)));
    };
  }
}
