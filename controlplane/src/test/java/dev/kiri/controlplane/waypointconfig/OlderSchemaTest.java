package dev.kiri.controlplane.waypointconfig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.xds.OlderClient;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.Cors;
import dev.kiri.waypoint.config.v1.DestinationRule;
import dev.kiri.waypoint.config.v1.EffectivePolicy;
import dev.kiri.waypoint.config.v1.HttpBackend;
import dev.kiri.waypoint.config.v1.HttpFilter;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.LoadBalancing;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.PolicySource;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.ServiceBackend;
import dev.kiri.waypoint.config.v1.SessionPersistence;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.config.v1.ValueMatch;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a waypoint of an earlier revision is told. The fields taken for newer are picked by name.
class OlderSchemaTest {
  private static OlderClient.Put put(Resource resource, String... newer) {
    Set<String> names = Set.of(newer);
    return new OlderSchema(3, d -> names.contains(d.getName()) ? 4 : 0)
        .put(resource.toByteString());
  }

  private static Resource route(HttpRule.Builder... rules) {
    HttpRoute.Builder route = HttpRoute.newBuilder();
    for (HttpRule.Builder rule : rules) {
      route.addRules(rule);
    }
    return Resource.newBuilder().setHttpRoute(route).build();
  }

  private static Resource read(OlderClient.Put put) throws Exception {
    return Resource.parseFrom(put.message());
  }

  @Test
  void what_it_knows_stays_as_it_is() {
    assertThat(put(route(HttpRule.newBuilder().setName("a")), "session")).isNull();
  }

  @Test
  void a_rule_that_needs_more_answers_an_error_and_the_others_stay() throws Exception {
    var put =
        put(
            route(
                HttpRule.newBuilder().setName("plain"),
                HttpRule.newBuilder()
                    .setName("sticky")
                    .setSession(SessionPersistence.newBuilder().setName("s"))),
            "session");

    assertThat(put.lost())
        .startsWith("http_route.rules[1].session needs revision 4")
        .contains("this waypoint knows 3");
    HttpRoute route = read(put).getHttpRoute();
    assertThat(route.getRules(0)).isEqualTo(HttpRule.newBuilder().setName("plain").build());
    assertThat(route.getRules(1).hasSession()).isFalse();
    assertThat(route.getRules(1).getInvalid().getReason()).isEqualTo("UnsupportedValue");
  }

  @Test
  void a_rule_whose_condition_it_cannot_read_refuses_more_than_it_should_and_lets_nothing_through()
      throws Exception {
    var match =
        HttpMatch.newBuilder()
            .setMethod("GET")
            .addWithoutHeaders(ValueMatch.newBuilder().setName("x").setPresent(true));

    var rule =
        read(put(route(HttpRule.newBuilder().addMatches(match)), "without_headers"))
            .getHttpRoute()
            .getRules(0);

    assertThat(rule.getMatches(0)).isEqualTo(HttpMatch.newBuilder().setMethod("GET").build());
    assertThat(rule.hasInvalid()).isTrue();
  }

  @Test
  void only_the_backend_or_the_filter_that_needs_more_is_in_error() throws Exception {
    var rule =
        HttpRule.newBuilder()
            .addFilters(HttpFilter.newBuilder().setCors(Cors.newBuilder().addAllowOrigins("*")))
            .addBackends(
                HttpBackend.newBuilder()
                    .setWeight(3)
                    .setService(ServiceBackend.newBuilder().setSubset("v2")))
            .addBackends(
                HttpBackend.newBuilder()
                    .setWeight(1)
                    .setService(ServiceBackend.newBuilder().setHostname("b")));

    HttpRule told = read(put(route(rule), "cors", "subset")).getHttpRoute().getRules(0);

    assertThat(told.hasInvalid()).isFalse();
    assertThat(told.getFilters(0).hasInvalid()).isTrue();
    assertThat(told.getBackends(0).hasInvalid()).isTrue();
    assertThat(told.getBackends(0).getWeight()).isEqualTo(3);
    assertThat(told.getBackends(1).hasService()).isTrue();
  }

  @Test
  void a_destination_is_closed_rather_than_reached_in_another_way() throws Exception {
    var policy =
        TrafficPolicy.newBuilder()
            .setBalancing(LoadBalancing.newBuilder().setSimple(LoadBalancing.Simple.RANDOM));
    Resource resource =
        Resource.newBuilder()
            .setDestinationRule(
                DestinationRule.newBuilder()
                    .addPolicies(EffectivePolicy.newBuilder().setPolicy(policy)))
            .build();

    var put = put(resource, "RANDOM");

    assertThat(put.lost())
        .startsWith("destination_rule.policies[0].policy.balancing.simple RANDOM needs");
    assertThat(read(put).getDestinationRule().getPolicies(0).getPolicy().hasInvalid()).isTrue();
  }

  @Test
  void a_policy_is_sent_whole_for_the_waypoint_denies_by_what_it_cannot_read() {
    var rule =
        PolicyRule.newBuilder().addFrom(PolicySource.newBuilder().addTrustDomains("example.org"));
    Resource resource =
        Resource.newBuilder()
            .setAuthorizationPolicy(AuthorizationPolicy.newBuilder().addRules(rule))
            .build();

    assertThat(put(resource, "trust_domains")).isNull();
  }

  @Test
  void the_present_revision_needs_no_other_words() {
    assertThat(OlderSchema.of(Integer.MAX_VALUE)).isNull();
  }
}
