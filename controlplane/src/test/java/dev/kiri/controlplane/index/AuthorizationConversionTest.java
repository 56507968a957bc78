package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.Policies;
import dev.kiri.controlplane.kinds.AuthorizationPolicyObject;
import dev.kiri.mesh.proto.security.Action;
import dev.kiri.mesh.proto.security.Authorization;
import dev.kiri.mesh.proto.security.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// AuthorizationPolicies for ztunnels (controlplane.md 7.1).
class AuthorizationConversionTest {
  private static AuthorizationConversion.Converted convert(String namespace, String spec) {
    return AuthorizationConversion.convert(
        Objects.object(AuthorizationPolicyObject.class, Policies.policy(namespace, "p", spec)),
        MeshSettings.standard());
  }

  private static Authorization policy(String spec) {
    return java.util.Objects.requireNonNull(convert("ns", spec).policy());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ns | {selector: {matchLabels: {a: b}}} | WORKLOAD_SELECTOR",
        "ns | {} | NAMESPACE",
        "istio-system | {} | GLOBAL",
        "istio-system | {selector: {matchLabels: {a: b}}} | WORKLOAD_SELECTOR"
      })
  void the_scope_follows_selector_and_namespace(String namespace, String spec, Scope scope) {
    assertThat(convert(namespace, spec).policy().getScope()).isEqualTo(scope);
  }

  @Test
  void a_policy_with_targets_is_not_for_ztunnels() {
    assertThat(convert("ns", "{targetRefs: [{kind: Service, group: \"\", name: a}]}").policy())
        .isNull();
  }

  @ParameterizedTest
  @CsvSource({"AUDIT, {}", "CUSTOM, {name: p}"})
  void other_actions_are_not_supported(String action, String provider) {
    var converted =
        convert("ns", "{action: " + action + ", provider: " + provider + ", rules: [{}]}");

    assertThat(converted.policy()).isNull();
    assertThat(converted.warning()).isEqualTo("ztunnel does not support the " + action + " action");
  }

  @Test
  void an_allow_rule_with_http_attributes_is_left_out() {
    var converted =
        convert(
            "ns",
            "{action: ALLOW, rules: [{from: [{source: {namespaces: [a]}}]}, {from: [{source:"
                + " {namespaces: [b]}}], to: [{operation: {methods: [GET], paths: [/a]}}]}]}");

    assertThat(converted.policy().getGroupsCount()).isEqualTo(1);
    assertThat(converted.warning())
        .isEqualTo(
            "ztunnel does not support HTTP attributes (found: methods, paths). In ambient mode you"
                + " must use a waypoint proxy to enforce HTTP rules. Within an ALLOW policy, rules"
                + " matching HTTP attributes are omitted. This will be more restrictive than"
                + " requested.");
  }

  @Test
  void a_deny_rule_loses_its_http_attributes_and_denies_more() {
    var converted =
        convert(
            "ns",
            "{action: DENY, rules: [{to: [{operation: {ports: [\"80\"], methods: [GET]}}]}]}");

    assertThat(converted.policy().getGroups(0).getRules(0).getMatches(0).getDestinationPortsList())
        .containsExactly(80);
    assertThat(converted.warning()).endsWith("This will be more restrictive than requested.");
  }

  @Test
  void a_deny_rule_of_http_attributes_alone_denies_everything_in_its_scope() {
    var converted = convert("ns", "{action: DENY, rules: [{to: [{operation: {paths: [/a]}}]}]}");

    assertThat(converted.policy().getGroupsCount()).isEqualTo(1);
    assertThat(converted.policy().getGroups(0).getRulesCount()).isZero();
    assertThat(converted.warning()).contains("denies all traffic in its scope");
  }

  @Test
  void an_alternative_that_cannot_be_seen_takes_its_deny_clause_along() {
    Authorization policy =
        policy(
            "{action: DENY, rules: [{from: [{source: {namespaces: [a]}}], to: [{operation: {ports:"
                + " [\"80\"]}}, {operation: {methods: [GET]}}]}]}");

    assertThat(policy.getGroups(0).getRulesCount()).isEqualTo(1);
    assertThat(policy.getGroups(0).getRules(0).getMatches(0).getNamespaces(0).getExact())
        .isEqualTo("a");
  }

  @Test
  void an_unknown_match_field_never_widens_a_policy() {
    var allow = convert("ns", "{rules: [{from: [{source: {namespace: [a]}}]}]}");
    assertThat(allow.policy().getAction()).isEqualTo(Action.ALLOW);
    assertThat(allow.policy().getGroupsCount()).isZero();
    assertThat(allow.warning()).contains("unknown field spec.rules[0].from[0].source.namespace");

    var deny = convert("ns", "{action: DENY, rules: [{from: [{source: {namespace: [a]}}]}]}");
    assertThat(deny.policy().getGroups(0).getRulesCount()).isZero();

    var whole = convert("ns", "{rule: [{from: [{source: {namespaces: [a]}}]}]}");
    assertThat(whole.policy().getAction()).isEqualTo(Action.DENY);
    assertThat(whole.policy().getGroupsCount()).isEqualTo(1);
  }

  @Test
  void a_wrong_value_denies_everything_in_the_policys_scope() {
    var converted = convert("ns", "{rules: [{from: [{source: {ipBlocks: [10.0.0.0/33]}}]}]}");

    assertThat(converted.policy().getAction()).isEqualTo(Action.DENY);
    assertThat(converted.policy().getGroups(0).getRulesCount()).isZero();
    assertThat(converted.warning())
        .isEqualTo(
            "the policy cannot be read (spec.rules[0].from[0].source.ipBlocks[0]: found"
                + " \"10.0.0.0/33\", accepted: an IP address or a CIDR block); everything in its"
                + " scope is denied");
  }

  @Test
  void no_rules_match_nothing_and_an_empty_rule_matches_everything() {
    assertThat(policy("{action: ALLOW}").getGroupsCount()).isZero();
    assertThat(policy("{action: ALLOW, rules: [{}]}").getGroups(0).getRulesCount()).isZero();
  }

  @Test
  void every_layer_4_field_finds_its_place() {
    Authorization policy =
        policy(
            "{rules: [{from: [{source: {principals: ['*'], notPrincipals: ['*/sa/x'], namespaces:"
                + " ['a*'], ipBlocks: [10.0.0.1, 'fd00::/8'], serviceAccounts: [x, b/y]}}], to:"
                + " [{operation: {notPorts: [\"22\"]}}], when: [{key: destination.port, values:"
                + " [\"80\"], notValues: [\"81\"]}, {key: source.namespace, notValues: [c]}]}]}");
    var rules = policy.getGroups(0).getRulesList();

    assertThat(rules).hasSize(4);
    assertThat(rules.get(0).getMatches(0).getNotDestinationPorts(0)).isEqualTo(22);
    var from = rules.get(1).getMatches(0);
    assertThat(from.getPrincipals(0).hasPresence()).isTrue();
    assertThat(from.getNotPrincipals(0).getSuffix()).isEqualTo("/sa/x");
    assertThat(from.getNamespaces(0).getPrefix()).isEqualTo("a");
    assertThat(from.getSourceIps(0).getLength()).isEqualTo(32);
    assertThat(from.getSourceIps(1).getLength()).isEqualTo(8);
    assertThat(from.getServiceAccounts(0).getNamespace()).isEqualTo("ns");
    assertThat(from.getServiceAccounts(1).getNamespace()).isEqualTo("b");
    assertThat(rules.get(2).getMatches(0).getNotDestinationPorts(0)).isEqualTo(81);
    assertThat(rules.get(3).getMatches(0).getNotNamespaces(0).getExact()).isEqualTo("c");
  }
}
