package dev.kiri.controlplane.waypointconfig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.RouteParent;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// ServiceEntries as parents and as backends of routes.
class ServiceEntryRoutesTest {
  private static final String PARENT =
      "{group: networking.istio.io, kind: ServiceEntry, name: partner}";

  private final IndexFixture fixture = new IndexFixture();
  private final WaypointConfig config = new WaypointConfig(fixture.index);

  @BeforeEach
  void mesh() {
    fixture
        .withWaypoint()
        .with(
            "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: partner,"
                + " namespace: ns}, spec: {hosts: [a.partner.test, b.partner.test], ports:"
                + " [{number: 80, name: web, protocol: HTTP}, {number: 90, name: grpc-api}],"
                + " resolution: STATIC, endpoints: [{address: 192.0.2.7}]}}");
  }

  private RouteResult routed(String parent, String backend) {
    fixture.with(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace:"
            + " ns}, spec: {parentRefs: [%s], rules: [{backendRefs: [%s]}]}}"
                .formatted(parent, backend));
    return Objects.requireNonNull(config.routes(Kind.HTTP_ROUTE).rows().get("ns/r"));
  }

  @Test
  void a_route_on_an_entry_covers_each_of_its_hosts() throws Exception {
    RouteResult result =
        routed(
            PARENT,
            "{group: networking.istio.io, kind: Hostname, name:" + " a.partner.test, port: 80}");

    var route = Resource.parseFrom(result.byWaypoint().get("ns/w").bytes()).getHttpRoute();
    assertThat(route.getParentsList())
        .extracting(RouteParent::getKind, RouteParent::getName, RouteParent::getHostname)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple("ServiceEntry", "partner", "a.partner.test"),
            org.assertj.core.api.Assertions.tuple("ServiceEntry", "partner", "b.partner.test"));
    assertThat(route.getRules(0).getBackends(0).getService().getHostname())
        .isEqualTo("a.partner.test");
    assertThat(result.parents().getFirst().accepted().holds()).isTrue();
    assertThat(result.parents().getFirst().resolvedRefs().holds()).isTrue();
  }

  @Test
  void an_entrys_ports_are_declared_to_its_waypoint() throws Exception {
    var service =
        Resource.parseFrom(config.serviceEntries().rows().get("ns/partner").get("ns/w").bytes())
            .getService();

    assertThat(service.getHostname()).isEqualTo("a.partner.test");
    assertThat(service.getMoreHostnamesList()).containsExactly("b.partner.test");
    assertThat(service.getPorts(0).getProtocol()).isEqualTo(Protocol.HTTP);
    assertThat(service.getPorts(1).getProtocol()).isEqualTo(Protocol.GRPC);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{group: networking.istio.io, kind: Hostname, name: c.partner.test, port: 80} |"
            + " BackendNotFound",
        "{group: networking.istio.io, kind: Hostname, name: a.partner.test, port: 81} |"
            + " BackendNotFound",
        "{group: networking.istio.io, kind: ServiceEntry, name: partner, port: 80} | InvalidKind"
      })
  void a_host_that_nobody_has_is_no_backend(String backend, String reason) {
    assertThat(routed(PARENT, backend).parents().getFirst().resolvedRefs().reason())
        .isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{group: networking.istio.io, kind: ServiceEntry, name: other} | parent service entry:"
            + " \"other\" not found",
        "{group: networking.istio.io, kind: ServiceEntry, name: partner, port: 81} | parent service"
            + " entry: \"partner\" has no port that the reference names"
      })
  void a_parent_entry_that_does_not_exist_is_said_so(String parent, String message) {
    Verdict accepted = routed(parent, "").parents().getFirst().accepted();

    assertThat(accepted).isEqualTo(new Verdict(false, "NoMatchingParent", message));
  }
}
