package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.proto.workload.LoadBalancing;
import dev.kiri.mesh.proto.workload.LoadBalancing.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which endpoints of a Service are preferred (controlplane.md 4.3).
class TrafficDistributionTest {
  private static final String ANNOTATION = "networking.istio.io/traffic-distribution";

  private static LoadBalancing of(String spec, String onService, String onNamespace)
      throws Exception {
    return new IndexFixture()
        .with(
            "{apiVersion: v1, kind: Namespace, metadata: {name: ns, annotations: {%s}}}"
                .formatted(annotation(onNamespace)),
            "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: ns, annotations: {%s}}, spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]%s}}"
                .formatted(annotation(onService), spec == null ? "" : ", " + spec))
        .service("ns", "web")
        .getLoadBalancing();
  }

  private static String annotation(String value) {
    return value == null ? "" : "'" + ANNOTATION + "': '" + value + "'";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          internalTrafficPolicy: Local                                      |                |             | STRICT   | NODE
          'internalTrafficPolicy: Local, trafficDistribution: PreferClose'  | PreferSameNode |             | STRICT   | NODE
          internalTrafficPolicy: Cluster                                    |                |             | UNSPECIFIED_MODE |
          trafficDistribution: PreferClose                                  |                |             | FAILOVER | NETWORK REGION ZONE
          trafficDistribution: PreferSameZone                               |                |             | FAILOVER | NETWORK REGION ZONE
          trafficDistribution: PreferSameNode                               |                |             | FAILOVER | NETWORK REGION ZONE SUBZONE NODE
          trafficDistribution: PreferClose                                  | PreferSameNode |             | FAILOVER | NETWORK REGION ZONE
                                                                            | preferCLOSE    |             | FAILOVER | NETWORK REGION ZONE
                                                                            | PreferSameNode | PreferClose | FAILOVER | NETWORK REGION ZONE SUBZONE NODE
                                                                            |                | PreferClose | FAILOVER | NETWORK REGION ZONE
                                                                            | Any            | PreferClose | UNSPECIFIED_MODE |
                                                                            | nonsense       | PreferClose | UNSPECIFIED_MODE |
                                                                            |                |             | UNSPECIFIED_MODE |
          """)
  void the_first_that_says_something_counts(
      String spec, String onService, String onNamespace, String mode, String scopes)
      throws Exception {
    LoadBalancing balancing = of(spec, onService, onNamespace);

    assertThat(balancing.getMode().name()).isEqualTo(mode);
    assertThat(
            String.join(
                " ", balancing.getRoutingPreferenceList().stream().map(Scope::name).toList()))
        .isEqualTo(scopes == null ? "" : scopes);
    assertThat(balancing.getHealthPolicy()).isEqualTo(LoadBalancing.HealthPolicy.ONLY_HEALTHY);
  }

  @Test
  void endpoints_that_are_not_ready_count_for_the_service_that_asks_for_it_and_no_other()
      throws Exception {
    IndexFixture fixture = new IndexFixture();
    String service =
        "{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: ns}, spec: {clusterIP:"
            + " 10.96.0.%d, ports: [{port: 80}], trafficDistribution: PreferClose%s}}";
    fixture.with(
        service.formatted("all", 1, ", publishNotReadyAddresses: true"),
        service.formatted("ready", 2, ""));

    assertThat(fixture.service("ns", "all").getLoadBalancing().getHealthPolicy())
        .isEqualTo(LoadBalancing.HealthPolicy.ALLOW_ALL);
    assertThat(fixture.service("ns", "all").getLoadBalancing().getMode())
        .isEqualTo(LoadBalancing.Mode.FAILOVER);
    assertThat(fixture.service("ns", "ready").getLoadBalancing().getHealthPolicy())
        .isEqualTo(LoadBalancing.HealthPolicy.ONLY_HEALTHY);
  }

  @Test
  void without_a_preference_endpoints_that_are_not_ready_can_count_too() throws Exception {
    LoadBalancing balancing = of("publishNotReadyAddresses: true", null, null);

    assertThat(balancing.getHealthPolicy()).isEqualTo(LoadBalancing.HealthPolicy.ALLOW_ALL);
    assertThat(balancing.getRoutingPreferenceList()).isEmpty();
  }
}
