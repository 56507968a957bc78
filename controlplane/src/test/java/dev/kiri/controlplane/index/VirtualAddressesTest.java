package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.kinds.IpBlock;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.xds.EncodedResource;
import dev.kiri.mesh.proto.workload.Address;
import dev.kiri.mesh.proto.workload.Service;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The virtual addresses of a ServiceEntry do not draw the traffic to what belongs to somebody
/// else.
class VirtualAddressesTest {
  private static final String OLDER = "2026-01-01T00:00:00Z";
  private static final String NEWER = "2026-01-02T00:00:00Z";

  private final IndexFixture fixture = new IndexFixture();

  private static String entry(
      String namespace, String name, String created, String hosts, String addresses) {
    return "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {namespace: %s, name: %s, creationTimestamp: '%s'}, spec: {hosts: [%s], addresses: [%s], resolution: NONE, ports: [{number: 80, name: http}]}}"
        .formatted(namespace, name, created, hosts, addresses);
  }

  private static String pod(String name, String ip) {
    return "{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: ns}, spec: {}, status: {podIP: %s}}"
        .formatted(name, ip);
  }

  private static String service(String name, String ip) {
    return "{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: ns}, spec: {clusterIP: %s}}"
        .formatted(name, ip);
  }

  private static String workloadEntry(String namespace, String created, String address) {
    return "{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {namespace: %s, name: vm, creationTimestamp: '%s'}, spec: {address: %s}}"
        .formatted(namespace, created, address);
  }

  private List<String> published(String namespace, String host) {
    return fixture.address(namespace + "/" + host).aliases();
  }

  private String owners(String path) {
    return fixture.index.entryAddresses().virtual().rows().get(path).toString();
  }

  @Test
  void the_address_of_a_pod_is_published_only_after_the_pod_is_gone() {
    fixture.with(pod("p", "10.0.0.1"), entry("evil", "e", OLDER, "x.example", "10.0.0.1"));
    assertThat(published("evil", "x.example")).isEmpty();
    assertThat(owners("evil/e")).isEqualTo("{10.0.0.1=Pod ns/p}");

    fixture.without(pod("p", "10.0.0.1"));
    assertThat(published("evil", "x.example")).containsExactly("/10.0.0.1");
  }

  @Test
  void an_older_entry_gives_an_address_up_to_a_pod_and_to_a_service_that_get_it_later() {
    fixture.with(
        entry("evil", "e", OLDER, "x.example", "10.0.0.1, 10.96.0.1, 192.0.2.1"),
        pod("p", "10.0.0.1"),
        service("web", "10.96.0.1"));

    assertThat(published("evil", "x.example")).containsExactly("/192.0.2.1");
    assertThat(owners("evil/e")).isEqualTo("{10.0.0.1=Pod ns/p, 10.96.0.1=Service ns/web}");
  }

  @Test
  void an_address_written_in_another_way_is_the_same_address() {
    fixture.with(
        service("web", "'2001:db8::1'"),
        entry("evil", "e", OLDER, "x.example", "'2001:DB8:0:0::1/128'"));

    assertThat(published("evil", "x.example")).isEmpty();
  }

  @Test
  void a_block_with_a_pod_in_it_is_not_published_and_a_block_beside_it_is() {
    fixture.with(
        entry("evil", "e", OLDER, "x.example", "10.0.0.7/8, 172.16.0.0/12, '2001:db8::/32'"));
    assertThat(published("evil", "x.example")).hasSize(3);

    fixture.with(pod("p", "10.255.255.255"), pod("six", "'2001:db8::9'"), pod("q", "11.0.0.0"));
    assertThat(published("evil", "x.example")).containsExactly("/172.16.0.0/12");
    assertThat(owners("evil/e"))
        .isEqualTo("{10.0.0.0/8=Pod ns/p in part, 2001:db8::/32=Pod ns/six in part}");

    fixture.without(pod("p", "10.255.255.255"));
    assertThat(published("evil", "x.example")).containsExactly("/10.0.0.0/8", "/172.16.0.0/12");
  }

  @Test
  void a_block_is_published_around_the_address_of_a_service_which_proxies_ask_for_first() {
    fixture.with(
        service("web", "10.96.0.1"), entry("egress", "e", OLDER, "x.example", "10.96.0.0/16"));

    assertThat(published("egress", "x.example")).containsExactly("/10.96.0.0/16");
  }

  @Test
  void among_entries_of_several_namespaces_the_oldest_has_an_address_and_a_block() {
    fixture.with(
        entry("b", "young", NEWER, "young.example", "192.0.2.1, 198.51.100.0/24"),
        entry("a", "old", OLDER, "old.example", "192.0.2.1, 198.51.100.0/24"));

    assertThat(published("a", "old.example")).hasSize(2);
    assertThat(published("b", "young.example")).isEmpty();
    assertThat(owners("b/young"))
        .isEqualTo("{192.0.2.1=ServiceEntry a/old, 198.51.100.0/24=ServiceEntry a/old}");
  }

  @Test
  void within_a_namespace_the_oldest_entry_has_an_address() {
    fixture.with(
        entry("a", "young", NEWER, "young.example", "192.0.2.1"),
        entry("a", "old", OLDER, "old.example", "192.0.2.1"));

    assertThat(published("a", "young.example")).isEmpty();
    assertThat(owners("a/young")).isEqualTo("{192.0.2.1=ServiceEntry a/old}");
  }

  @Test
  void a_copy_of_an_entry_has_the_address_for_its_own_namespace() throws Exception {
    fixture.with(
        entry("b", "db", NEWER, "db.example", "192.0.2.1"),
        entry("a", "db", OLDER, "db.example", "192.0.2.1"));

    assertThat(published("b", "db.example")).containsExactly("/192.0.2.1");
    assertThat(serviceOf("b/db.example").getCanonical()).isFalse();
    assertThat(serviceOf("a/db.example").getCanonical()).isTrue();
  }

  @Test
  void a_copy_with_a_host_more_is_no_copy() {
    fixture.with(
        entry("b", "db", NEWER, "db.example, more.example", "192.0.2.1"),
        entry("a", "db", OLDER, "db.example", "192.0.2.1"));

    assertThat(published("b", "db.example")).isEmpty();
  }

  @Test
  void an_older_workload_entry_of_another_namespace_keeps_its_address_and_one_of_its_own_shares() {
    fixture.with(
        workloadEntry("b", OLDER, "192.0.2.1"),
        entry("evil", "e", NEWER, "x.example", "192.0.2.1, 192.0.2.0/24"),
        entry("b", "own", NEWER, "own.example", "192.0.2.1"));

    assertThat(published("evil", "x.example")).isEmpty();
    assertThat(owners("evil/e"))
        .isEqualTo("{192.0.2.0/24=WorkloadEntry b/vm in part, 192.0.2.1=WorkloadEntry b/vm}");
    assertThat(published("b", "own.example")).containsExactly("/192.0.2.1");
  }

  @Test
  void a_younger_workload_entry_of_another_namespace_is_told_whose_its_address_is() {
    fixture.with(
        entry("a", "old", OLDER, "old.example", "192.0.2.1"),
        workloadEntry("b", NEWER, "192.0.2.1"));

    assertThat(fixture.index.entryAddresses().ofWorkloadEntries().rows().get("b/vm"))
        .isEqualTo(Map.of("192.0.2.1", "ServiceEntry a/old"));
    assertThat(published("a", "old.example")).containsExactly("/192.0.2.1");
  }

  @Test
  void an_entry_that_lost_its_only_host_keeps_no_address_from_others() {
    fixture.with(
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: b}, spec: {}}",
        entry("b", "lost", OLDER, "web.b.svc.cluster.local", "192.0.2.1"),
        entry("a", "e", NEWER, "x.example", "192.0.2.1"));

    assertThat(published("a", "x.example")).containsExactly("/192.0.2.1");
  }

  private Service serviceOf(String name) throws Exception {
    return Address.parseFrom(fixture.address(name).bytes()).getService();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void nobody_but_the_owner_is_found_at_an_address_whatever_happens(long seed) throws Exception {
    Random random = new Random(seed);
    for (int step = 0; step < 400; step++) {
      String document = document(random);
      if (random.nextInt(3) == 0) {
        fixture.without(document);
      } else {
        fixture.with(document);
      }
      Map<String, List<Service>> services = new HashMap<>();
      for (EncodedResource resource : fixture.addresses()) {
        Address address = Address.parseFrom(resource.bytes());
        if (address.hasService()) {
          for (String alias : resource.aliases()) {
            services.computeIfAbsent(alias, _ -> new ArrayList<>()).add(address.getService());
          }
        }
      }
      for (PodObject pod : fixture.index.objects().pods.rows().values()) {
        InetAddress ip = pod.addresses().getFirst();
        assertThat(services.keySet())
            .noneMatch(alias -> IpBlock.parse(alias.substring(1)).orElseThrow().contains(ip));
      }
      services.forEach(VirtualAddressesTest::assertOneOwner);
    }
  }

  private static void assertOneOwner(String alias, List<Service> services) {
    if (services.stream().anyMatch(service -> service.getNamespace().equals("ns"))) {
      assertThat(services).as(alias).hasSize(1);
    }
    Map<String, Set<String>> entries = new HashMap<>();
    Set<String> canonical = new TreeSet<>();
    for (Service service : services) {
      entries.computeIfAbsent(service.getNamespace(), _ -> new TreeSet<>()).add(service.getName());
      if (service.getCanonical()) {
        canonical.add(service.getNamespace() + "/" + service.getName());
      }
    }
    assertThat(entries.values()).as(alias).allMatch(names -> names.size() == 1);
    assertThat(canonical).as(alias).hasSizeLessThan(2);
    if (entries.size() > 1) {
      assertThat(canonical).as(alias).hasSize(1);
    }
  }

  /// Pods and Services have addresses of their own, as in a cluster; entries name any.
  private static String document(Random random) {
    int n = random.nextInt(4);
    String namespace = List.of("a", "b", "c").get(random.nextInt(3));
    String created = "2026-01-0" + (1 + random.nextInt(3)) + "T00:00:00Z";
    return switch (random.nextInt(4)) {
      case 0 -> pod("p" + n, "10.0.0." + n);
      case 1 -> service("s" + n, "10.0.0." + (n + 4));
      case 2 -> workloadEntry(namespace, created, "10.0.0." + random.nextInt(12));
      default ->
          entry(
              namespace,
              "e" + random.nextInt(2),
              created,
              List.of("x.example", "y.example", "x.example, y.example").get(random.nextInt(3)),
              "10.0.0.%d, 10.0.0.%d/%d"
                  .formatted(random.nextInt(12), random.nextInt(12), 28 + random.nextInt(5)));
    };
  }
}
