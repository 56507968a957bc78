package dev.kiri.mesh.file;

import static dev.kiri.mesh.testing.Meshes.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.mesh.policy.StringMatcher;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.workload.CidrVip;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.IpPrefix;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.NetworkMode;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.ServiceKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeshFileTest {
  private static final String FULL =
      """
      workloads:
      - uid: c1//Pod/default/web
        name: web
        namespace: default
        workloadIps: ["192.0.2.5"]
        protocol: HBONE
        networkMode: HostNetwork
        trustDomain: cluster.local
        serviceAccount: default
        node: node-a
        status: Unhealthy
        clusterId: Kubernetes
        capacity: 3
        waypoint: {destination: default/wp.default.svc.cluster.local, hboneMtlsPort: 15008}
        networkGateway: {destination: net2/192.0.2.9, hboneMtlsPort: 15009}
        applicationTunnel: {protocol: PROXY, port: 15088}
        authorizationPolicies: ["default/only-a"]
        locality: {region: r1, zone: z1, subzone: ""}
        workloadType: deployment
        services:
          "default/web.default.svc.cluster.local": {80: 8080}
      policies:
      - {name: only-a, namespace: default, scope: WorkloadSelector, action: Allow, dryRun: false,
         rules: [[[{notDestinationPorts: [9999], principals: [!Exact td/ns/a/sa/b, {Prefix: td/}],
                    notPrincipals: [!Presence []], sourceIps: ["192.0.2.0/24"]}]]]}
      services:
      - name: web
        namespace: default
        hostname: web.default.svc.cluster.local
        vips: ["/198.51.100.10", "remote/198.51.100.11"]
        cidrVips: [{network: "", cidr: 203.0.113.0/24}]
        ports: {80: 8080}
        subjectAltNames: ["spiffe://td/ns/a/sa/b"]
        loadBalancer: {routingPreferences: [Network, Zone], mode: Failover, healthPolicy: AllowAll}
        ipFamilies: Dual
        canonical: true
        visibility: Namespace
        weightedWaypoints:
        - {destination: {destination: /198.51.100.20, hboneMtlsPort: 15008}, weight: 90}
      """;

  private static MeshSnapshot mesh(String yaml) throws InvalidMeshFile {
    var store = new MeshStore();
    store.apply(MeshFile.parse(yaml));
    return store.current();
  }

  @Test
  void a_workload_has_all_that_is_written() throws InvalidMeshFile {
    var web = mesh(FULL).workload("c1//Pod/default/web");

    assertThat(web).isNotNull();
    assertThat(web.addresses()).containsExactly(ip("192.0.2.5"));
    assertThat(web.networkMode()).isEqualTo(NetworkMode.HOST_NETWORK);
    assertThat(web.waypoint()).hasToString("default/wp.default.svc.cluster.local:15008");
    assertThat(web.networkGateway()).hasToString("net2/192.0.2.9:15009");
    assertThat(web.authorizationPolicies()).containsExactly("default/only-a");
    assertThat(web.capacity()).isEqualTo(3);
    assertThat(web.applicationTunnel()).isNotNull();
    assertThat(web.locality().zone()).isEqualTo("z1");
  }

  @Test
  void a_service_has_all_that_is_written_and_its_endpoints() throws InvalidMeshFile {
    var mesh = mesh(FULL);
    var web = mesh.service(new ServiceKey("default", "web.default.svc.cluster.local"));

    assertThat(web).isNotNull();
    assertThat(web.ports()).isEqualTo(PortMap.of(80, 8080));
    assertThat(web.cidrVips()).containsExactly(new CidrVip("", IpPrefix.parse("203.0.113.0/24")));
    assertThat(web.balancing().preferences()).containsExactly(Scope.NETWORK, Scope.ZONE);
    assertThat(web.ipFamilies()).isEqualTo(IpFamilies.DUAL);
    assertThat(web.weightedWaypoints())
        .singleElement()
        .extracting(it -> it.weight())
        .isEqualTo(90L);
    assertThat(mesh.serviceByAddress("remote", ip("198.51.100.11"), null)).isEqualTo(web);
    assertThat(mesh.endpoints(web.key())).hasSize(1);
  }

  @Test
  void a_policy_may_use_tags_or_maps() throws InvalidMeshFile {
    var policy = mesh(FULL).policy("default/only-a");

    assertThat(policy).isNotNull();
    var match = policy.groups().getFirst().clauses().getFirst().matches().getFirst();
    assertThat(match.principals().values())
        .containsExactly(new StringMatcher.Exact("td/ns/a/sa/b"), new StringMatcher.Prefix("td/"));
    assertThat(match.notPrincipals().values()).containsExactly(new StringMatcher.Presence());
    assertThat(match.notDestinationPorts().values()).containsExactly(9999);
  }

  @Test
  void json_is_yaml_and_nothing_is_nothing() throws InvalidMeshFile {
    var mesh =
        mesh("{\"workloads\": [{\"uid\": \"u\", \"namespace\": \"n\", \"workloadIps\": []}]}");

    assertThat(mesh.workload("u")).isNotNull();
    assertThat(mesh("").workloads()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          workload: []                           | line 1: workload: unknown field, accepted: workloads, services, policies
          workloads: 7                           | line 1: workloads: expected a list
          workloads: [7]                         | line 1: workloads[0]: expected an object
          workloads: [{workloadIps: []}]         | line 1: workloads[0].namespace: missing
          workloads: [{namespace: n}]            | line 1: workloads[0].workloadIps: missing
          policies: [{namespace: n, name: p, scope: All, action: Allow, dryRun: false, rules: []}] | line 1: policies[0].scope: found `All`: accepted: Global, Namespace, WorkloadSelector
          policies: [{namespace: n, name: p, scope: Global, action: Allow, dryRun: maybe, rules: []}] | line 1: policies[0].dryRun: found `maybe`: accepted: true, false
          policies: [{namespace: n, name: p, scope: Global, action: Allow, dryRun: false, rules: [[[{principals: [a]}]]]}] | line 1: policies[0].rules[0][0][0].principals[0]: accepted: !Exact x, !Prefix x, !Suffix x, !Presence []
          services: [{name: n, namespace: n, hostname: h, vips: ["1"]}] | line 1: services[0].vips[0]: found `1`: expected network/ip, or /ip for the default network
          services: [{name: n, namespace: n, hostname: h, ports: {80: x}}] | line 1: services[0].ports.80: found `x`: expected a number
          """)
  void what_is_wrong_is_named_with_its_place(String yaml, String message) {
    assertThatThrownBy(() -> MeshFile.parse(yaml))
        .isInstanceOf(InvalidMeshFile.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          workloads: [{namespace: n, workloadIps: ["one"]}]      | workloads[0].workloadIps[0]: found `one`
          services: [{name: n, namespace: n, hostname: h, ports: {80: 70000}}] | not between 0 and 65535
          workloads: [}                                            | not YAML
          """)
  void what_is_no_address_no_port_or_no_yaml_is_refused(String yaml, String part) {
    assertThatThrownBy(() -> MeshFile.parse(yaml))
        .isInstanceOf(InvalidMeshFile.class)
        .hasMessageContaining(part);
  }
}
