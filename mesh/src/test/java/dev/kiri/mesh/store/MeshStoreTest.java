package dev.kiri.mesh.store;

import static dev.kiri.mesh.testing.Meshes.ip;
import static dev.kiri.mesh.testing.Meshes.key;
import static dev.kiri.mesh.testing.Meshes.pod;
import static dev.kiri.mesh.testing.Meshes.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.mesh.store.MeshUpdate.PutService;
import dev.kiri.mesh.store.MeshUpdate.PutWorkload;
import dev.kiri.mesh.store.MeshUpdate.RemoveAddress;
import dev.kiri.mesh.workload.Endpoint;
import dev.kiri.mesh.workload.HealthStatus;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WorkloadBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Cases of istio/ztunnel `src/state.rs` and `src/state/service.rs`.
class MeshStoreTest {
  private static final ServiceKey WEB = key("ns", "web");

  private final MeshStore store = new MeshStore("node-1");

  private void put(WorkloadBuilder workload) {
    store.apply(List.of(new PutWorkload(workload.build())));
  }

  private void put(Service... services) {
    for (var service : services) {
      store.apply(List.of(new PutService(service)));
    }
  }

  private void remove(String name) {
    store.apply(List.of(new RemoveAddress(name)));
  }

  private List<String> endpoints(ServiceKey key) {
    return store.current().endpoints(key).stream()
        .map(Endpoint::workloadUid)
        .map(uid -> uid.substring(uid.lastIndexOf('/') + 1))
        .toList();
  }

  private @Nullable String at(String ip) {
    var workload = store.current().workloadByAddress("", ip(ip));
    return workload == null ? null : workload.uid();
  }

  private @Nullable String serviceAt(String ip, @Nullable String clientNamespace) {
    return serviceAt("", ip, clientNamespace);
  }

  private @Nullable String serviceAt(String network, String ip, @Nullable String clientNamespace) {
    var service = store.current().serviceByAddress(network, ip(ip), clientNamespace);
    return service == null ? null : service.namespace();
  }

  @Nested
  class workloads_that_share_an_address {

    @Test
    void a_captured_pod_goes_before_a_pod_and_that_before_an_entry() {
      put(
          new WorkloadBuilder("k/networking.istio.io/WorkloadEntry/ns/e")
              .addresses(ip("192.0.2.1")));
      put(pod("ns", "plain", "192.0.2.1").protocol(TunnelProtocol.TCP));
      put(pod("ns", "captured", "192.0.2.1"));
      put(
          new WorkloadBuilder("k/networking.istio.io/WorkloadEntry/ns/f")
              .addresses(ip("192.0.2.1"))
              .protocol(TunnelProtocol.HBONE));

      assertThat(at("192.0.2.1")).endsWith("captured");
      remove("Kubernetes//Pod/ns/captured");
      assertThat(at("192.0.2.1")).endsWith("plain");
      remove("Kubernetes//Pod/ns/plain");
      assertThat(at("192.0.2.1")).endsWith("/f");
      remove("k/networking.istio.io/WorkloadEntry/ns/f");
      assertThat(at("192.0.2.1")).endsWith("/e");
      remove("k/networking.istio.io/WorkloadEntry/ns/e");
      assertThat(at("192.0.2.1")).isNull();
    }

    @Test
    void of_equals_the_newest_is_found_and_putting_it_again_does_not_double_it() {
      put(pod("ns", "old", "192.0.2.1"));
      put(pod("ns", "new", "192.0.2.1"));
      put(pod("ns", "new", "192.0.2.1"));

      assertThat(at("192.0.2.1")).endsWith("new");
      remove("Kubernetes//Pod/ns/new");
      assertThat(at("192.0.2.1")).endsWith("old");
    }

    @Test
    void those_on_the_host_s_network_are_not_found_by_address() {
      put(pod("ns", "host", "192.0.2.1").networkMode(NetworkMode.HOST_NETWORK));

      assertThat(at("192.0.2.1")).isNull();
      assertThat(store.current().workload("Kubernetes//Pod/ns/host")).isNotNull();
    }
  }

  @Test
  void a_workload_that_moves_leaves_its_old_address() {
    put(pod("ns", "a", "192.0.2.1", "2001:db8::1"));
    put(pod("ns", "a", "192.0.2.2"));

    assertThat(at("192.0.2.1")).isNull();
    assertThat(at("2001:db8::1")).isNull();
    assertThat(at("192.0.2.2")).isNotNull();
  }

  @Test
  void networks_do_not_mix() {
    put(pod("ns", "a", "192.0.2.1").network("east"));

    assertThat(at("192.0.2.1")).isNull();
    assertThat(store.current().workloadByAddress("east", ip("192.0.2.1"))).isNotNull();
  }

  @Nested
  class endpoints {

    @Test
    void are_merged_once_a_batch_wherever_the_service_stands_in_it() {
      for (int place : new int[] {0, 25, 50}) {
        var batch = new ArrayList<MeshUpdate>();
        for (int i = 0; i < 50; i++) {
          batch.add(
              new PutWorkload(
                  pod("ns", "p" + i, "192.0.2." + i).service(WEB, PortMap.of(80, 8080)).build()));
        }
        batch.add(place, new PutService(service(WEB, "198.51.100.1")));
        var fresh = new MeshStore();

        var change = fresh.apply(batch);

        assertThat(fresh.current().endpoints(WEB)).hasSize(50);
        assertThat(fresh.current().staged()).isEmpty();
        assertThat(change.services()).containsExactly(WEB);
        assertThat(change.workloads()).hasSize(50);
      }
    }

    @Test
    void wait_for_their_service_and_go_with_their_last_workload() {
      put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.empty()));
      put(pod("ns", "b", "192.0.2.2").service(WEB, PortMap.empty()));
      assertThat(store.current().staged()).containsOnlyKeys(WEB.toString());

      put(pod("ns", "a", "192.0.2.1"));
      assertThat(endpoints(WEB)).containsExactly("b");
      remove("Kubernetes//Pod/ns/b");

      assertThat(store.current().staged()).isEmpty();
    }

    @Test
    void stay_with_their_service_when_it_changes() {
      put(service(WEB, "198.51.100.1"));
      put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.empty()));

      put(service(WEB, "198.51.100.1", "198.51.100.2"));
      assertThat(serviceAt("198.51.100.2", null)).isEqualTo("ns");
      put(service(WEB, "198.51.100.2"));

      assertThat(serviceAt("198.51.100.1", null)).isNull();
      assertThat(serviceAt("198.51.100.2", null)).isEqualTo("ns");
      assertThat(endpoints(WEB)).containsExactly("a");
      assertThat(store.current().services()).hasSize(1);
    }

    @Test
    void come_back_with_their_service() {
      put(service(WEB, "198.51.100.1"));
      put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.empty()));

      remove(WEB.toString());
      var gone = store.current();
      put(service(WEB, "198.51.100.1"));

      assertThat(gone.service(WEB)).isNull();
      assertThat(gone.serviceByAddress("", ip("198.51.100.1"), null)).isNull();
      assertThat(endpoints(WEB)).containsExactly("a");
    }

    @Test
    void keep_their_health_so_that_a_service_may_change_its_mind() {
      put(service(WEB, "198.51.100.1"));
      put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.empty()));
      put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.empty()).health(HealthStatus.UNHEALTHY));

      assertThat(store.current().endpoints(WEB))
          .singleElement()
          .extracting(Endpoint::health)
          .isEqualTo(HealthStatus.UNHEALTHY);
    }

    @Test
    void are_replaced_in_place() {
      put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.empty()));
      put(pod("ns", "b", "192.0.2.2").service(WEB, PortMap.empty()));
      put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.of(80, 1)));

      assertThat(endpoints(WEB)).containsExactly("a", "b");
      assertThat(store.current().endpoints(WEB).getFirst().ports()).isEqualTo(PortMap.of(80, 1));
    }
  }

  @Nested
  class services_that_share_an_address {

    @Test
    void a_client_gets_that_of_its_namespace_and_others_the_first() {
      put(service(key("a", "x"), "198.51.100.1"), service(key("b", "x"), "198.51.100.1"));

      assertThat(serviceAt("198.51.100.1", "b")).isEqualTo("b");
      assertThat(serviceAt("198.51.100.1", "a")).isEqualTo("a");
      assertThat(serviceAt("198.51.100.1", "c")).isEqualTo("a");
      assertThat(serviceAt("198.51.100.1", null)).isEqualTo("a");
      remove(key("a", "x").toString());
      assertThat(serviceAt("198.51.100.1", "a")).isEqualTo("b");
    }

    @Test
    void a_canonical_one_goes_before_the_first() {
      put(
          service(key("a", "x"), "198.51.100.1"),
          service(key("b", "x"), true, Visibility.PUBLIC, "198.51.100.1"));

      assertThat(serviceAt("198.51.100.1", "c")).isEqualTo("b");
      assertThat(serviceAt("198.51.100.1", "a")).isEqualTo("a");
    }

    @Test
    void a_private_one_is_hidden_from_other_namespaces() {
      put(service(key("a", "x"), true, Visibility.NAMESPACE, "198.51.100.1"));
      put(service(key("b", "x"), "198.51.100.1"));

      assertThat(serviceAt("198.51.100.1", "a")).isEqualTo("a");
      assertThat(serviceAt("198.51.100.1", "c")).isEqualTo("b");
      assertThat(serviceAt("198.51.100.1", null)).isEqualTo("a");
    }
  }

  @Test
  void services_are_chosen_by_hostname_by_the_same_rules_and_a_preferred_namespace() {
    var host = "db.example.com";
    put(service(new ServiceKey("a", host)), service(new ServiceKey("b", host)));
    put(service(new ServiceKey("c", host), false, Visibility.NAMESPACE));

    assertThat(byHost(host, "b", null)).isEqualTo("b");
    assertThat(byHost(host, "x", null)).isEqualTo("a");
    assertThat(byHost(host, "x", "b")).isEqualTo("b");
    assertThat(byHost(host, "x", "c")).isEqualTo("a");
    put(service(new ServiceKey("d", host), true, Visibility.PUBLIC));
    assertThat(byHost(host, "x", "b")).isEqualTo("d");
    assertThat(byHost(host, "c", "b")).isEqualTo("c");
    assertThat(byHost("other.example.com", "c", "b")).isNull();
  }

  private @Nullable String byHost(
      String host, @Nullable String clientNamespace, @Nullable String preferred) {
    var service = store.current().serviceByHostname(host, clientNamespace, preferred);
    return service == null ? null : service.namespace();
  }

  @Nested
  class ranges {

    @Test
    void hold_their_addresses_and_no_others() {
      put(service(key("a", "x"), "198.51.100.0/24"));

      assertThat(serviceAt("198.51.100.0", null)).isEqualTo("a");
      assertThat(serviceAt("198.51.100.255", null)).isEqualTo("a");
      assertThat(serviceAt("198.51.101.0", null)).isNull();
      assertThat(serviceAt("2001:db8::1", null)).isNull();
      assertThat(serviceAt("east", "198.51.100.1", null)).isNull();
    }

    @Test
    void the_longest_wins_but_not_over_the_client_s_own_namespace() {
      put(
          service(key("wide", "x"), "198.51.0.0/16"),
          service(key("narrow", "x"), "198.51.100.0/24"));

      assertThat(serviceAt("198.51.100.1", "c")).isEqualTo("narrow");
      assertThat(serviceAt("198.51.100.1", "wide")).isEqualTo("wide");
      assertThat(serviceAt("198.51.1.1", "c")).isEqualTo("wide");
    }

    @Test
    void of_equal_length_the_canonical_one_wins() {
      put(service(key("a", "x"), "198.51.100.0/24"));
      put(service(key("b", "x"), true, Visibility.PUBLIC, "198.51.100.0/24"));

      assertThat(serviceAt("198.51.100.1", "c")).isEqualTo("b");
    }

    @Test
    void an_exact_address_goes_first_unless_it_is_hidden() {
      put(service(key("range", "x"), "198.51.100.0/24"));
      put(service(key("exact", "x"), false, Visibility.NAMESPACE, "198.51.100.1"));

      assertThat(serviceAt("198.51.100.1", "exact")).isEqualTo("exact");
      assertThat(serviceAt("198.51.100.1", null)).isEqualTo("exact");
      assertThat(serviceAt("198.51.100.1", "c")).isEqualTo("range");
    }

    @Test
    void a_hidden_range_is_passed_over() {
      put(service(key("a", "x"), false, Visibility.NAMESPACE, "198.51.100.0/24"));

      assertThat(serviceAt("198.51.100.1", "c")).isNull();
      assertThat(serviceAt("198.51.100.1", "a")).isEqualTo("a");
    }

    @Test
    void go_with_their_service() {
      put(service(key("a", "x"), "198.51.100.0/24", "2001:db8::/32"));
      assertThat(serviceAt("2001:db8:ffff::1", null)).isEqualTo("a");

      put(service(key("a", "x"), "203.0.113.0/24"));
      assertThat(serviceAt("198.51.100.1", null)).isNull();
      remove(key("a", "x").toString());

      assertThat(serviceAt("203.0.113.1", null)).isNull();
    }
  }

  @Test
  void removing_what_is_not_there_changes_nothing() {
    put(service(WEB, "198.51.100.1"));
    var before = store.current();

    for (String name :
        List.of("", "/", "/invalid", "no-slash", "Kubernetes//Pod/ns/none", "ns/none", "a/b/c")) {
      remove(name);
    }

    assertThat(store.current()).isSameAs(before);
  }

  @Test
  void a_workload_of_the_own_node_is_found_by_name_namespace_and_account() {
    put(pod("ns", "here", "192.0.2.1").node("node-1"));
    put(pod("ns", "there", "192.0.2.2").node("node-2").serviceAccount("here"));

    assertThat(store.current().findLocal("here", "ns", "here")).isNotNull();
    assertThat(store.current().findLocal("here", "ns", "other")).isNull();
    assertThat(store.current().findLocal("there", "ns", "here")).isNull();
    assertThat(store.current().localWorkloads()).hasSize(1);
  }

  @Test
  void without_a_node_every_workload_is_local() {
    var everywhere = new MeshStore();
    everywhere.apply(List.of(new PutWorkload(pod("ns", "a", "192.0.2.1").node("n").build())));

    assertThat(everywhere.current().findLocal("a", "ns", "a")).isNotNull();
  }

  @Test
  void a_workload_is_found_by_a_hostname_of_its_own() {
    put(pod("ns", "db").hostname("db.example.com"));

    assertThat(store.current().workloadByHostname(new ServiceKey("ns", "db.example.com")))
        .isNotNull();
    remove("Kubernetes//Pod/ns/db");
    assertThat(store.current().workloadByHostname(new ServiceKey("ns", "db.example.com"))).isNull();
  }

  @Nested
  class changes {

    @Test
    void are_told_with_both_snapshots() {
      var heard = new ArrayList<Change>();
      try (var _ = store.onChange(heard::add)) {
        put(pod("ns", "a", "192.0.2.1").service(WEB, PortMap.empty()));
        remove("Kubernetes//Pod/ns/none");
      }
      put(pod("ns", "b", "192.0.2.2"));

      assertThat(heard)
          .singleElement()
          .satisfies(
              change -> {
                assertThat(change.before().workloadCount()).isZero();
                assertThat(change.after().workloadCount()).isEqualTo(1);
                assertThat(change.workloads()).containsExactly("Kubernetes//Pod/ns/a");
                assertThat(change.services()).containsExactly(WEB);
                assertThat(change.policies()).isEmpty();
              });
    }

    @Test
    void reach_other_listeners_though_one_fails() {
      var heard = new ArrayList<Change>();
      var deaf = new IllegalStateException("deaf");
      deaf.setStackTrace(new StackTraceElement[0]);
      store.onChange(
          _ -> {
            throw deaf;
          });
      store.onChange(heard::add);

      put(pod("ns", "a", "192.0.2.1"));

      assertThat(heard).hasSize(1);
    }

    @Test
    void do_not_reach_into_a_snapshot_that_was_taken_before() {
      put(pod("ns", "a", "192.0.2.1"));
      var taken = store.current();

      put(pod("ns", "b", "192.0.2.2"));
      remove("Kubernetes//Pod/ns/a");

      assertThat(taken.workloads()).hasSize(1);
      assertThat(taken.workloadByAddress("", ip("192.0.2.1"))).isNotNull();
    }
  }

  @Nested
  class waiting_for_a_workload {

    @Test
    void ends_at_once_if_it_is_there() {
      put(pod("ns", "a", "192.0.2.1").node("node-1"));

      assertThat(store.awaitLocal("a", "ns", "a", Duration.ofSeconds(5))).isCompleted();
    }

    @Test
    void ends_when_it_comes() {
      var found = store.awaitLocal("a", "ns", "a", Duration.ofSeconds(5));
      put(pod("ns", "b", "192.0.2.1").node("node-1"));
      boolean early = found.isDone();

      put(pod("ns", "a", "192.0.2.2").node("node-1"));

      assertThat(early).isFalse();
      assertThat(found).isCompleted();
    }

    @Test
    void ends_in_upstream_s_words_when_it_takes_too_long() {
      var found = store.awaitLocal("a", "ns", "sa", Duration.ofMillis(20));

      assertThatThrownBy(found::join)
          .hasCauseInstanceOf(TimeoutException.class)
          .hasRootCauseMessage("timed out waiting for workload 'sa.ns (a)' from xds");
    }
  }
}
