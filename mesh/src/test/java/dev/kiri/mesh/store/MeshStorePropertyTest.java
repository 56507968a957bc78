package dev.kiri.mesh.store;

import static dev.kiri.mesh.testing.Meshes.ip;
import static dev.kiri.mesh.testing.Meshes.key;
import static dev.kiri.mesh.testing.Meshes.pod;
import static dev.kiri.mesh.testing.Meshes.service;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.PolicyAction;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.store.MeshUpdate.PutPolicy;
import dev.kiri.mesh.store.MeshUpdate.PutService;
import dev.kiri.mesh.store.MeshUpdate.PutWorkload;
import dev.kiri.mesh.store.MeshUpdate.RemoveAddress;
import dev.kiri.mesh.store.MeshUpdate.RemovePolicy;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.Workload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// After any history of updates, in batches of any size, the store says what a plain model says,
/// and what a fresh store says that was given only what is left.
class MeshStorePropertyTest {
  private static final int STEPS = 3_000;

  private final Map<String, Workload> workloads = new LinkedHashMap<>();
  private final Map<ServiceKey, Service> services = new LinkedHashMap<>();
  private final Map<String, L4Policy> policies = new LinkedHashMap<>();
  private final MeshStore store = new MeshStore("node-1");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void any_history_ends_in_the_same_mesh_as_a_fresh_start(long seed) {
    var random = new Random(seed);
    var batch = new ArrayList<MeshUpdate>();
    for (int step = 0; step < STEPS; step++) {
      batch.add(next(random));
      if (random.nextInt(20) == 0) {
        store.apply(batch);
        batch.clear();
        check(store.current());
      }
    }
    store.apply(batch);

    check(store.current());
    check(fresh());
  }

  private MeshUpdate next(Random random) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        var workload = workload(random);
        workloads.remove(workload.uid());
        workloads.put(workload.uid(), workload);
        yield new PutWorkload(workload);
      }
      case 4, 5 -> {
        var uid = "Kubernetes//Pod/" + namespace(random) + "/p" + random.nextInt(30);
        workloads.remove(uid);
        yield new RemoveAddress(uid);
      }
      case 6 -> {
        var service = randomService(random);
        services.put(service.key(), service);
        yield new PutService(service);
      }
      case 7 -> {
        var key = serviceKey(random);
        services.remove(key);
        yield new RemoveAddress(key.toString());
      }
      case 8 -> {
        var policy = policy(random);
        policies.put(policy.key(), policy);
        yield new PutPolicy(policy);
      }
      default -> {
        String key = policyKey(random);
        policies.remove(key);
        yield new RemovePolicy(key);
      }
    };
  }

  private static String namespace(Random random) {
    return "n" + random.nextInt(3);
  }

  private static ServiceKey serviceKey(Random random) {
    return key(namespace(random), "s" + random.nextInt(6));
  }

  private static String policyKey(Random random) {
    return namespace(random) + "/l" + random.nextInt(4);
  }

  private static Workload workload(Random random) {
    var builder =
        pod(namespace(random), "p" + random.nextInt(30), "192.0.2." + random.nextInt(12))
            .network(random.nextInt(4) == 0 ? "east" : "")
            .node("node-" + random.nextInt(2))
            .networkMode(random.nextInt(8) == 0 ? NetworkMode.HOST_NETWORK : NetworkMode.STANDARD)
            .authorizationPolicies(List.of(policyKey(random)));
    for (int i = random.nextInt(4); i > 0; i--) {
      builder.service(serviceKey(random), PortMap.of(80, 8080 + random.nextInt(3)));
    }
    return builder.build();
  }

  private static Service randomService(Random random) {
    return service(
        serviceKey(random),
        random.nextBoolean(),
        random.nextInt(3) == 0 ? Visibility.NAMESPACE : Visibility.PUBLIC,
        "198.51.100." + random.nextInt(6),
        "203.0.113." + random.nextInt(256) + "/" + (24 + random.nextInt(8)));
  }

  private static L4Policy policy(Random random) {
    String key = policyKey(random);
    return new L4Policy(
        key,
        key.substring(0, 2),
        key.substring(3),
        List.of(PolicyScope.GLOBAL, PolicyScope.NAMESPACE, PolicyScope.WORKLOAD_SELECTOR)
            .get(random.nextInt(3)),
        PolicyAction.ALLOW,
        false,
        List.of());
  }

  private MeshSnapshot fresh() {
    var fresh = new MeshStore("node-1");
    var all = new ArrayList<MeshUpdate>();
    workloads.values().forEach(workload -> all.add(new PutWorkload(workload)));
    services.values().forEach(service -> all.add(new PutService(service)));
    policies.values().forEach(policy -> all.add(new PutPolicy(policy)));
    fresh.apply(all);
    return fresh.current();
  }

  private void check(MeshSnapshot mesh) {
    assertThat(new HashSet<>(mesh.workloads())).isEqualTo(new HashSet<>(workloads.values()));
    assertThat(new HashSet<>(mesh.services())).isEqualTo(new HashSet<>(services.values()));
    assertThat(new HashSet<>(mesh.policies())).isEqualTo(new HashSet<>(policies.values()));
    checkEndpoints(mesh);
    checkAddresses(mesh);
    checkPolicies(mesh);
    assertThat(new HashSet<>(mesh.localWorkloads()))
        .isEqualTo(
            workloads.values().stream().filter(it -> it.node().equals("node-1")).collect(toSet()));
  }

  private void checkEndpoints(MeshSnapshot mesh) {
    var expected = new HashMap<ServiceKey, Set<String>>();
    workloads
        .values()
        .forEach(
            workload ->
                workload
                    .services()
                    .forEach(
                        (key, ports) ->
                            expected
                                .computeIfAbsent(key, _ -> new HashSet<>())
                                .add(workload.uid() + ports)));
    for (var key : expected.keySet()) {
      var endpoints = mesh.endpoints(key);
      assertThat(endpoints.stream().map(it -> it.workloadUid() + it.ports()).collect(toSet()))
          .isEqualTo(expected.get(key));
      assertThat(endpoints).hasSameSizeAs(expected.get(key));
      assertThat(endpoints)
          .allSatisfy(it -> assertThat(it.workload()).isSameAs(mesh.workload(it.workloadUid())));
    }
    assertThat(mesh.staged().keySet())
        .isEqualTo(
            expected.keySet().stream()
                .filter(key -> !services.containsKey(key))
                .map(ServiceKey::toString)
                .collect(toSet()));
  }

  private void checkAddresses(MeshSnapshot mesh) {
    for (String network : List.of("", "east")) {
      for (int last = 0; last < 12; last++) {
        var address = ip("192.0.2." + last);
        var newest =
            workloads.values().stream()
                .filter(it -> it.network().equals(network) && it.ownsItsAddresses())
                .filter(it -> it.addresses().contains(address))
                .reduce((first, second) -> second)
                .orElse(null);
        assertThat(mesh.workloadByAddress(network, address)).isEqualTo(newest);
      }
    }
    for (int last = 0; last < 6; last++) {
      var vip = ip("198.51.100." + last);
      for (String client : List.of("n0", "n1", "n2")) {
        var found = mesh.serviceByAddress("", vip, client);
        var candidates =
            services.values().stream()
                .filter(it -> it.vips().getFirst().address().equals(vip) && it.visibleTo(client))
                .toList();
        if (candidates.isEmpty()) {
          assertThat(found).isNull();
        } else {
          assertThat(candidates).contains(found);
          assertThat(rank(found, client))
              .isEqualTo(candidates.stream().mapToInt(it -> rank(it, client)).max().orElseThrow());
        }
      }
    }
  }

  private static int rank(Service service, String client) {
    return service.namespace().equals(client) ? 2 : service.canonical() ? 1 : 0;
  }

  private void checkPolicies(MeshSnapshot mesh) {
    for (var workload : workloads.values()) {
      var applicable = mesh.policiesFor(workload);
      String listed = workload.authorizationPolicies().getFirst();
      var expected =
          policies.values().stream()
              .filter(
                  policy ->
                      policy.key().equals(listed)
                          || switch (policy.scope()) {
                            case GLOBAL -> true;
                            case NAMESPACE -> policy.namespace().equals(workload.namespace());
                            case WORKLOAD_SELECTOR -> false;
                          })
              .collect(toSet());
      assertThat(new HashSet<>(applicable.policies())).isEqualTo(expected);
      assertThat(applicable.policies()).hasSameSizeAs(expected);
      assertThat(applicable.missing())
          .isEqualTo(policies.containsKey(listed) ? List.of() : List.of(listed));
    }
  }
}
