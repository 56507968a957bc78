package dev.kiri.waypoint.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.GrpcMethod;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.PathMatch;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.route.RouteClient;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.testing.Config;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Matches of GRPCRoutes and their precedence.
class GrpcRouteTest {
  private static final ServiceKey FRONT = new ServiceKey("shop", Config.host("front"));

  private final ConfigStore store = new ConfigStore("shop", "cluster.local");

  private static HttpRule call(String name, String service, String method, boolean regex) {
    return Config.rule(
            HttpMatch.newBuilder()
                .setPath(
                    PathMatch.newBuilder()
                        .setGrpc(
                            GrpcMethod.newBuilder()
                                .setService(service)
                                .setMethod(method)
                                .setRegex(regex)))
                .build())
        .setName(name)
        .addBackends(Config.backend("one", 1))
        .build();
  }

  private static Resource grpc(String name, HttpRule... rules) {
    Resource http = Config.route(name, "front", 80, rules);
    return Resource.newBuilder()
        .setSource(Config.ref("GRPCRoute", name))
        .setGrpcRoute(http.getHttpRoute())
        .build();
  }

  private List<ConfigStore.Refusal> apply(Resource... resources) {
    Map<String, Resource> batch = new HashMap<>();
    for (Resource resource : resources) {
      batch.put(Config.name(resource), resource);
    }
    return store.apply(batch, List.of());
  }

  private String rule(String path) {
    Head head = new Head();
    head.method(head.append("POST"));
    head.path(head.append(path));
    return switch (store
        .program()
        .service(FRONT, 80)
        .routes()
        .decide(head, new RouteClient("shop", ""))) {
      case RouteDecision.Matched(var rule, _) -> rule.name().rule();
      case RouteDecision.NoMatch() -> "none";
      case RouteDecision.Broken(_, _, String reason) -> reason;
      case RouteDecision.Unrouted() -> "unrouted";
    };
  }

  @ParameterizedTest
  @CsvSource({
    "/shop.Echo/Get, exact",
    "/shop.Echo/Put, service",
    "/shop.Other/Put, regex",
    "/shopXOther/Get, method",
    "/x.Y/Get, method",
    "/x.Y/Delete, any",
    "/shop.Echo2/Delete, any"
  })
  void a_longer_service_counts_more_than_a_longer_method(String path, String rule) {
    apply(
        grpc(
            "g",
            call("any", "", "", false),
            call("method", "", "Get", false),
            call("regex", "shop[.]O.*", "P.*", true),
            call("service", "shop.Echo", "", false),
            call("exact", "shop.Echo", "Get", false)));

    assertThat(rule(path)).isEqualTo(rule);
  }

  @Test
  void a_call_that_no_rule_matches_has_no_route() {
    apply(grpc("g", call("exact", "shop.Echo", "Get", false)));

    assertThat(rule("/shop.Echo/Put")).isEqualTo("none");
  }

  @Test
  void grpc_routes_take_a_port_from_http_routes_and_give_it_back() {
    Resource http =
        Config.route(
            "h",
            "front",
            0,
            Config.rule(Config.prefix("/"))
                .setName("http")
                .addBackends(Config.backend("one", 1))
                .build());
    Resource grpc = grpc("g", call("exact", "shop.Echo", "Get", false));
    apply(http, grpc);
    assertThat(rule("/shop.Echo/Get")).isEqualTo("exact");
    assertThat(rule("/else")).isEqualTo("none");

    store.apply(Map.of(), List.of(Config.name(grpc)));
    assertThat(rule("/else")).isEqualTo("http");
  }

  @Test
  void a_method_that_is_no_regular_expression_is_refused_by_its_field() {
    assertThat(apply(grpc("g", call("bad", "a(", "", true))))
        .singleElement()
        .satisfies(
            refusal ->
                assertThat(refusal.text())
                    .startsWith("GRPCRoute shop/g: grpc_route.rules[0].matches[0].path.grpc"));
  }
}
