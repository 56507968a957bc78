package dev.kiri.waypoint.config;

import static dev.kiri.waypoint.testing.Config.backend;
import static dev.kiri.waypoint.testing.Config.prefix;
import static dev.kiri.waypoint.testing.Config.rule;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.Invalid;
import dev.kiri.waypoint.config.v1.PathMatch;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.PolicyTarget;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.ServiceTarget;
import dev.kiri.waypoint.testing.Config;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is accepted, what is refused, and what is then in force.
class ConfigStoreTest {
  private static final ServiceKey CATALOG = new ServiceKey("shop", Config.host("catalog"));

  private final ConfigStore store = new ConfigStore("shop", "cluster.local");

  private List<ConfigStore.Refusal> apply(Resource resource) {
    return store.apply(Map.of(Config.name(resource), resource), List.of());
  }

  private static Resource route(HttpMatch match) {
    return Config.route("r", "catalog", 80, rule(match).addBackends(backend("catalog", 1)).build());
  }

  @Test
  void an_unknown_field_is_refused_by_its_place() {
    var unknown =
        UnknownFieldSet.newBuilder()
            .addField(77, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();

    var refused = apply(route(prefix("/").toBuilder().setUnknownFields(unknown).build()));

    assertThat(refused).hasSize(1);
    assertThat(refused.getFirst().text())
        .isEqualTo("HTTPRoute shop/r: http_route.rules[0].matches[0]: unknown field number 77");
    assertThat(store.program().tables()).isEmpty();
  }

  @Test
  void an_unknown_kind_of_resource_is_refused() {
    var resource = Resource.newBuilder().setSource(Config.ref("Novel", "x")).build();

    assertThat(apply(resource).getFirst().text())
        .isEqualTo("Novel shop/x: no configuration this proxy knows");
  }

  @Test
  void a_bad_regular_expression_leaves_the_accepted_route_in_force() {
    apply(route(prefix("/old")));

    var refused =
        apply(route(HttpMatch.newBuilder().setPath(PathMatch.newBuilder().setRegex("(")).build()));

    assertThat(refused.getFirst().text())
        .contains("HTTPRoute shop/r", "rules[0].matches[0].path.regex", "not a regular expression");
    assertThat(store.program().tables()).hasSize(1);
    assertThat(store.refused()).containsKey("HTTPRoute/shop/r");

    apply(route(prefix("/new")));
    assertThat(store.refused()).isEmpty();
  }

  @Test
  void a_policy_that_cannot_be_read_denies_what_it_is_attached_to() {
    var resource =
        Config.policy(
            "broken",
            AuthorizationPolicy.newBuilder()
                .setAction(AuthorizationPolicy.Action.ALLOW)
                .addTargets(
                    PolicyTarget.newBuilder()
                        .setService(
                            ServiceTarget.newBuilder()
                                .setNamespace("shop")
                                .setHostname(Config.host("catalog"))))
                .addRules(
                    PolicyRule.newBuilder().addTo(PolicyOperation.newBuilder().addPaths("/a*b"))));

    assertThat(apply(resource).getFirst().text()).contains("rules[0].to[0].paths");

    assertThat(store.program().policiesOf(CATALOG))
        .singleElement()
        .satisfies(policy -> assertThat(policy.action()).isEqualTo("DENY"));
    assertThat(store.program().policies().policies()).isEmpty();
    store.apply(Map.of(), List.of("AuthorizationPolicy/shop/broken"));
    assertThat(store.program().policiesOf(CATALOG)).isEmpty();
  }

  @Test
  void a_rule_that_cannot_be_honoured_keeps_its_place_and_says_why() {
    var invalid =
        HttpFilter.newBuilder()
            .setInvalid(
                Invalid.newBuilder().setReason("InvalidFilter").setMessage("ExtensionRef x"))
            .build();

    apply(Config.route("r", "catalog", 80, rule(prefix("/")).addFilters(invalid).build()));

    var table = store.program().tables().getFirst().routes().requests();
    var match = table.ordered().getFirst();
    assertThat(match.rule().broken()).isEqualTo("InvalidFilter: ExtensionRef x");
  }

  @Test
  void routes_cover_the_port_they_name_and_others_every_port() {
    apply(Config.route("r", "catalog", 80, rule().addBackends(backend("catalog", 1)).build()));
    var everywhere =
        Config.route("all", "orders", 0, rule().addBackends(backend("orders", 1)).build());
    apply(everywhere);

    var program = store.program();
    assertThat(program.service(CATALOG, 80).routes().producer()).isNotNull();
    assertThat(program.service(CATALOG, 81).routes().producer()).isNull();
    var orders = new ServiceKey("shop", Config.host("orders"));
    assertThat(program.service(orders, 81).routes().producer()).isNotNull();
  }

  @Test
  void a_backend_without_a_port_is_refused() {
    var noPort =
        HttpBackend.newBuilder().setService(backend("x", 1).getService().toBuilder().setPort(0));

    var refused =
        apply(Config.route("r", "catalog", 80, rule().addBackends(noPort.build()).build()));

    assertThat(refused.getFirst().text()).contains("backends[0].service.port: 0 is not a port");
  }

  @Test
  void bytes_that_are_no_resource_make_a_policy_deny() {
    store.unparsable("AuthorizationPolicy/shop/garbage", "not a protobuf");

    assertThat(store.program().policies().policies()).hasSize(1);
    assertThat(store.refused()).containsEntry("AuthorizationPolicy/shop/garbage", "not a protobuf");
  }
}
