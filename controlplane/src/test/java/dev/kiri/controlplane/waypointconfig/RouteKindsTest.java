package dev.kiri.controlplane.waypointconfig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.IndexFixture;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.waypoint.config.v1.GrpcMethod;
import dev.kiri.waypoint.config.v1.Protocol;
import dev.kiri.waypoint.config.v1.Resource;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// GRPCRoutes, TCPRoutes and TLSRoutes on their way to a waypoint, and kinds that compete for a
/// port.
class RouteKindsTest {
  private static final String CALLS =
      "[{matches: [{method: {service: shop.Echo, method: Get}, headers: [{name: x, value: y}]}],"
          + " filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [a]}}],"
          + " backendRefs: [{name: s, port: 80}]}]";
  private static final String BACKENDS = "[{backendRefs: [{name: s, port: 81, weight: 3}]}]";

  private final IndexFixture fixture = new IndexFixture();
  private final WaypointConfig config = new WaypointConfig(fixture.index);

  @BeforeEach
  void mesh() {
    fixture
        .withWaypoint()
        .with(
            "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns}, spec: {ports:"
                + " [{name: web, port: 80}, {name: raw, port: 81, appProtocol: tcp}]}}");
  }

  private static String route(String kind, String parent, String spec) {
    return "{apiVersion: gateway.networking.k8s.io/v1, kind: %s, metadata: {name: r, namespace: ns, creationTimestamp: '2026-01-02T03:04:05Z'}, spec: {parentRefs: [{group: '', kind: Service, name: s%s}], %s}}"
        .formatted(kind, parent, spec);
  }

  private RouteResult result(Kind kind) {
    return Objects.requireNonNull(config.routes(kind).rows().get("ns/r"));
  }

  private Resource sent(Kind kind) throws Exception {
    return Resource.parseFrom(result(kind).byWaypoint().get("ns/w").bytes());
  }

  @Test
  void a_grpc_route_goes_with_its_calls_and_speaks_http2_to_an_undeclared_port() throws Exception {
    fixture.with(route("GRPCRoute", "", "rules: " + CALLS));

    Resource resource = sent(Kind.GRPC_ROUTE);
    assertThat(resource.getSource().getKind()).isEqualTo("GRPCRoute");
    var rule = resource.getGrpcRoute().getRules(0);
    assertThat(rule.getMatches(0).getPath().getGrpc())
        .isEqualTo(GrpcMethod.newBuilder().setService("shop.Echo").setMethod("Get").build());
    assertThat(rule.getMatches(0).getHeaders(0).getName()).isEqualTo("x");
    assertThat(rule.getFilters(0).getRequestHeaders().getRemoveList()).containsExactly("a");
    assertThat(rule.getBackends(0).getService().getProtocol()).isEqualTo(Protocol.GRPC);
    assertThat(result(Kind.GRPC_ROUTE).parents().getFirst().accepted().holds()).isTrue();
  }

  @Test
  void a_grpc_rule_without_matches_takes_every_call() throws Exception {
    fixture.with(route("GRPCRoute", "", "rules: [{backendRefs: [{name: s, port: 80}]}]"));

    assertThat(sent(Kind.GRPC_ROUTE).getGrpcRoute().getRules(0).getMatches(0).getPath().hasGrpc())
        .isTrue();
  }

  @Test
  void a_tcp_route_and_a_tls_route_go_with_backends_and_server_names() throws Exception {
    fixture.with(
        route("TCPRoute", ", port: 81", "rules: " + BACKENDS),
        route("TLSRoute", ", port: 80", "hostnames: ['*.x.test'], rules: " + BACKENDS));

    var tcp = sent(Kind.TCP_ROUTE).getTcpRoute();
    assertThat(tcp.getParents(0).getPort()).isEqualTo(81);
    assertThat(tcp.getBackends(0).getWeight()).isEqualTo(3);
    assertThat(sent(Kind.TLS_ROUTE).getTlsRoute().getServerNamesList()).containsExactly("*.x.test");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTPRoute |            | ''         | false",
        "HTTPRoute | , port: 80 | ''         | false",
        "HTTPRoute | , port: 80 | , port: 80 | false",
        "HTTPRoute | , port: 80 | , port: 81 | true",
        "HTTPRoute |            | , port: 80 | true",
        "TCPRoute  | , port: 81 | ''         | false"
      })
  void of_two_kinds_on_one_port_the_more_specific_counts(
      String kind, String parent, String grpcParent, boolean accepted) {
    fixture.with(
        route(kind, parent == null ? "" : parent, "rules: " + BACKENDS),
        route("GRPCRoute", grpcParent, "rules: " + CALLS));

    Kind loser = kind.equals("HTTPRoute") ? Kind.HTTP_ROUTE : Kind.TCP_ROUTE;
    Verdict verdict = result(loser).parents().getFirst().accepted();
    assertThat(verdict.holds()).isEqualTo(accepted);
    assertThat(result(loser).byWaypoint().isEmpty()).isNotEqualTo(accepted);
    if (!accepted) {
      assertThat(verdict.reason()).isEqualTo("Conflicted");
      assertThat(verdict.message()).contains("GRPCRoute ns/r", "counts more than");
    }
    assertThat(result(Kind.GRPC_ROUTE).parents().getFirst().accepted().holds()).isTrue();
  }

  @Test
  void a_udp_route_is_told_that_datagrams_have_no_way() {
    fixture.with(route("UDPRoute", "", "rules: " + BACKENDS));

    RouteResult result = result(Kind.UDP_ROUTE);
    assertThat(result.byWaypoint()).isEmpty();
    assertThat(result.parents().getFirst().accepted())
        .isEqualTo(
            new Verdict(false, "UnsupportedValue", "UDP is not carried by the mesh's tunnels"));
  }

  @Test
  void a_conflict_ends_when_the_stronger_route_goes_to_another_port() {
    fixture.with(
        route("HTTPRoute", ", port: 80", "rules: " + BACKENDS),
        route("GRPCRoute", ", port: 80", "rules: " + CALLS));
    assertThat(result(Kind.HTTP_ROUTE).parents().getFirst().accepted().holds()).isFalse();

    fixture.with(route("GRPCRoute", ", port: 81", "rules: " + CALLS));
    assertThat(result(Kind.HTTP_ROUTE).parents().getFirst().accepted().holds()).isTrue();
  }
}
