package dev.kiri.waypoint.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy.Action;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.PolicyCondition;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.PolicySource;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The L7 matrix and the builder cases of upstream's waypoint (istio/istio
/// tests/integration/ambient, pilot/pkg/security/authz).
class PolicyEngineTest {
  private static final String CLIENT = "spiffe://cluster.local/ns/a/sa/client";

  private static final PolicyEngine MATRIX =
      engine(
          policy(
              Action.ALLOW,
              to(op().addPaths("/allowed")),
              rule(
                  PolicySource.newBuilder().addPrincipals("cluster.local/ns/a/sa/client"),
                  op().addPaths("/allowed-identity")),
              rule(
                  PolicySource.newBuilder().addPrincipals("cluster.local/ns/something/sa/else"),
                  op().addPaths("/denied-identity")),
              to(op().addPaths("/allowed-wildcard*")),
              to(op().addPaths("/headers"))
                  .addWhen(
                      PolicyCondition.newBuilder()
                          .setKey("request.headers[x-test-header]")
                          .addValues("match")
                          .addNotValues("do-not-match")),
              to(op().addMethods("POST"))),
          policy(Action.DENY, to(op().addPaths("/explicit-deny"))));

  @ParameterizedTest
  @CsvSource({
    "GET /deny, '', false",
    "GET /allowed, '', true",
    "GET /denied-identity, '', false",
    "GET /allowed-identity, '', true",
    "POST /explicit-deny, '', false",
    "POST /other, '', true",
    "GET /allowed-wildcardtest, '', true",
    "GET /headers, match, true",
    "GET /headers, do-not-match, false",
    "GET /headers, '', false"
  })
  void the_matrix_of_upstream(String line, String header, boolean allowed) {
    Head head = head(line);
    if (!header.isEmpty()) {
      head.add(HeaderName.of("x-test-header"), header);
    }

    assertThat(MATRIX.decide(facts(CLIENT, head)) instanceof PolicyDecision.Allowed)
        .isEqualTo(allowed);
  }

  @Test
  void a_client_without_identity_is_not_its_principal() {
    assertThat(MATRIX.decide(facts(null, head("GET /allowed-identity"))).details())
        .isEqualTo("rbac_access_denied_matched_policy[none]");
    assertThat(MATRIX.decide(facts(null, head("GET /other"))))
        .isEqualTo(new PolicyDecision.NothingAllowed(List.of("a/ALLOW")));
  }

  @Test
  void a_decision_names_policy_and_rule() {
    assertThat(MATRIX.decide(facts(CLIENT, head("GET /explicit-deny"))).details())
        .isEqualTo("rbac_access_denied_matched_policy[ns[a]-policy[DENY]-rule[0]]");
    assertThat(MATRIX.decide(facts(CLIENT, head("GET /allowed-wildcardx"))))
        .isEqualTo(new PolicyDecision.Allowed(new PolicyName("a", "ALLOW", 3)));
  }

  @Test
  void empty_rules_match_nothing_and_an_empty_rule_matches_everything() {
    assertThat(allows(engine(policy(Action.ALLOW)))).isFalse();
    assertThat(allows(engine(policy(Action.DENY)))).isTrue();
    assertThat(allows(engine(policy(Action.ALLOW, PolicyRule.newBuilder())))).isTrue();
    assertThat(allows(engine(policy(Action.DENY, PolicyRule.newBuilder())))).isFalse();
    assertThat(allows(engine())).isTrue();
  }

  private static boolean allows(PolicyEngine engine) {
    return engine.decide(facts(CLIENT, head("GET /"))) instanceof PolicyDecision.Allowed;
  }

  @ParameterizedTest
  @CsvSource({
    "namespaces, a, true",
    "namespaces, a*, true",
    "namespaces, *b, false",
    "namespaces, *, true",
    "serviceAccounts, client, true",
    "serviceAccounts, a/client, true",
    "serviceAccounts, b/client, false",
    "trustDomains, cluster.local, true",
    "trustDomains, other, false",
    "ipBlocks, 10.0.0.0/8, true",
    "ipBlocks, 10.1.2.3, true",
    "ipBlocks, 11.0.0.0/8, false",
    "remoteIpBlocks, 203.0.113.0/24, true",
    "remoteIpBlocks, 10.0.0.0/8, false",
    "hosts, HOST.example, true",
    "hosts, *.example, true",
    "hosts, other, false",
    "ports, 80, true",
    "ports, 8080, false",
    "methods, GET, true",
    "methods, get, false",
    "paths, /x/{*}/z, true",
    "paths, /x/{**}, true",
    "paths, /{*}/z, false",
    "request.headers[x-forwarded-for], *, true",
    "request.headers[absent], *, false",
    "destination.ip, 192.0.2.1, true",
    "requestPrincipals, *, false",
    "request.auth.claims[a], b, false"
  })
  void each_condition_compares_its_fact(String field, String value, boolean holds) {
    var condition =
        new ConditionCompiler("a", Set.of("cluster.local"))
            .condition(field, List.of(value), List.of());
    Head head = head("GET /x/y/z");
    head.add(HeaderName.X_FORWARDED_FOR, "198.51.100.1, 203.0.113.9");

    assertThat(condition.holds(facts(CLIENT, head))).isEqualTo(holds);
  }

  @ParameterizedTest
  @CsvSource({
    "paths, /a*b",
    "paths, ''",
    "paths, /{**}/x/{*}",
    "paths, /foo{*}",
    "ports, http",
    "ipBlocks, 10.0.0.0/33",
    "ipBlocks, somewhere",
    "serviceAccounts, a/*",
    "trustDomains, a/b",
    "experimental.thing, x"
  })
  void what_cannot_be_understood_is_refused(String field, String value) {
    var compiler = new ConditionCompiler("a", Set.of("cluster.local"));

    assertThatThrownBy(() -> compiler.condition(field, List.of(value), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("null");
  }

  @Test
  void a_refusal_names_the_field() {
    assertThatThrownBy(() -> policy(Action.ALLOW, to(op().addPaths("/ok").addPorts("x"))))
        .hasMessageContaining("rules[0].to[0].ports")
        .hasMessageContaining("\"x\" is not a port");
  }

  @Test
  void principals_of_the_mesh_count_in_every_trust_domain() {
    var domains = Set.of("td1", "cluster.local");

    assertThat(TrustDomains.expand("cluster.local/ns/a/sa/b", domains))
        .containsExactlyInAnyOrder("td1/ns/a/sa/b", "cluster.local/ns/a/sa/b");
    assertThat(TrustDomains.expand("other/ns/a/sa/b", domains)).containsExactly("other/ns/a/sa/b");
    assertThat(TrustDomains.expand("*", domains)).containsExactly("*");
    assertThat(TrustDomains.expand("*-td/ns/x/sa/y", Set.of("my-td", "some")))
        .containsExactlyInAnyOrder("*-td/ns/x/sa/y", "some/ns/x/sa/y");
  }

  @Test
  void on_tcp_an_allow_rule_with_http_never_matches_and_a_deny_rule_denies_more() {
    var allow =
        engine(
            policy(
                Action.ALLOW,
                to(op().addMethods("GET")),
                rule(PolicySource.newBuilder().addNamespaces("a"), op().addPorts("80"))));
    var deny = engine(policy(Action.DENY, to(op().addMethods("GET").addPorts("80"))));

    assertThat(allow.forTcp().decide(facts(CLIENT, null)))
        .isEqualTo(new PolicyDecision.Allowed(new PolicyName("a", "ALLOW", 1)));
    assertThat(deny.forTcp().decide(facts(CLIENT, null))).isInstanceOf(PolicyDecision.Denied.class);
  }

  private static PolicyOperation.Builder op() {
    return PolicyOperation.newBuilder();
  }

  private static PolicyRule.Builder to(PolicyOperation.Builder operation) {
    return PolicyRule.newBuilder().addTo(operation);
  }

  private static PolicyRule.Builder rule(
      PolicySource.Builder source, PolicyOperation.Builder operation) {
    return to(operation).addFrom(source);
  }

  private static CompiledPolicy policy(Action action, PolicyRule.Builder... rules) {
    var policy = AuthorizationPolicy.newBuilder().setAction(action);
    for (var rule : rules) {
      policy.addRules(rule);
    }
    var source = ObjectRef.newBuilder().setNamespace("a").setName(action.name()).build();
    return PolicyCompiler.compile(source, policy.build(), Set.of("cluster.local"));
  }

  private static PolicyEngine engine(CompiledPolicy... policies) {
    return new PolicyEngine(List.of(policies));
  }

  private static Head head(String line) {
    Head head = new Head();
    String[] parts = line.split(" ");
    head.method(head.append(parts[0]));
    head.path(head.append(parts[1]));
    head.authority(head.append("host.example"));
    return head;
  }

  private static PolicyFacts facts(@Nullable String client, @Nullable Head head) {
    return new PolicyFacts(
        client == null ? null : ClientIdentity.of(SpiffeId.parse(client)),
        new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString("10.1.2.3"), 4321),
        new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString("192.0.2.1"), 80),
        head);
  }
}
