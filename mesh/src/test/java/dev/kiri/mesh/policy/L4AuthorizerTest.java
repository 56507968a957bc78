package dev.kiri.mesh.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.policy.L4Policy.Clause;
import dev.kiri.mesh.policy.L4Policy.Group;
import dev.kiri.mesh.policy.PolicyStep.Kind;
import dev.kiri.mesh.workload.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Cases of istio/ztunnel `src/rbac.rs` and `src/state.rs`.
class L4AuthorizerTest {
  private static final SpiffeId CLIENT = SpiffeId.of("cluster.local", "ns", "client");

  private static L4Connection from(@Nullable SpiffeId peer) {
    return connection(peer, "192.0.2.1", "198.51.100.1", 80);
  }

  private static L4Connection connection(
      @Nullable SpiffeId peer, String source, String destination, int port) {
    return new L4Connection(
        peer,
        new InetSocketAddress(InetAddress.ofLiteral(source), 40_000),
        new InetSocketAddress(InetAddress.ofLiteral(destination), port));
  }

  private static L4Policy policy(
      String name, PolicyAction action, boolean dryRun, Group... groups) {
    return new L4Policy(
        "ns/" + name, "ns", name, PolicyScope.NAMESPACE, action, dryRun, List.of(groups));
  }

  private static L4Policy allow(String name, PolicyMatch... matches) {
    return policy(name, PolicyAction.ALLOW, false, group(matches));
  }

  private static L4Policy deny(String name, PolicyMatch... matches) {
    return policy(name, PolicyAction.DENY, false, group(matches));
  }

  private static Group group(PolicyMatch... matches) {
    return new Group(List.of(new Clause(List.of(matches))));
  }

  private static PolicyMatch.Builder match() {
    return PolicyMatch.builder();
  }

  private static PolicyMatch port(int port) {
    return match().destinationPorts(FieldValues.of(List.of(port))).build();
  }

  private static PolicyMatch principal(String value) {
    return match().principals(FieldValues.of(List.of(new StringMatcher.Exact(value)))).build();
  }

  private static final PolicyMatch CLIENTS = principal("cluster.local/ns/ns/sa/client");

  private static PolicyEvaluation evaluate(L4Connection connection, L4Policy... policies) {
    return L4Authorizer.evaluate(new ApplicablePolicies(List.of(policies), List.of()), connection);
  }

  private static boolean allows(L4Connection connection, L4Policy... policies) {
    return evaluate(connection, policies).verdict().isAllowed();
  }

  /// Whether the match takes hold, seen through an ALLOW policy.
  private static boolean holds(PolicyMatch match, L4Connection connection) {
    return allows(connection, allow("p", match));
  }

  private static List<Kind> steps(PolicyEvaluation evaluation) {
    return evaluation.steps().stream().map(PolicyStep::kind).toList();
  }

  @Nested
  class the_order {

    @Test
    void without_policies_everything_is_allowed() {
      var evaluation = evaluate(from(null));

      assertThat(evaluation.verdict()).isEqualTo(new PolicyVerdict.Allowed(null));
      assertThat(evaluation.verdict().text()).isEqualTo("no allow policies, allow");
      assertThat(steps(evaluation)).containsExactly(Kind.NO_ALLOW_POLICIES);
    }

    @Test
    void deny_goes_before_allow() {
      var evaluation = evaluate(from(CLIENT), allow("yes", port(80)), deny("no", port(80)));

      assertThat(evaluation.verdict().text())
          .isEqualTo("connection closed due to policy rejection: explicitly denied by: ns/no");
      assertThat(evaluation.steps())
          .containsExactly(new PolicyStep(Kind.DENY_MATCH, "ns/no", "rule 1"));
    }

    @Test
    void a_deny_that_does_not_match_leaves_the_rest_open() {
      assertThat(allows(from(CLIENT), deny("no", port(81)))).isTrue();
    }

    @Test
    void one_allow_that_matches_is_enough_and_is_named() {
      var evaluation = evaluate(from(CLIENT), allow("a", port(81)), allow("b", port(80)));

      assertThat(evaluation.verdict()).isEqualTo(new PolicyVerdict.Allowed("ns/b"));
    }

    @Test
    void allow_policies_that_do_not_match_close() {
      var evaluation = evaluate(from(CLIENT), allow("a", port(81)));

      assertThat(evaluation.verdict().text())
          .isEqualTo(
              "connection closed due to policy rejection: allow policies exist, but none allowed");
      assertThat(steps(evaluation)).containsExactly(Kind.NO_ALLOW_MATCH);
    }

    @Test
    void a_missing_policy_is_passed_over_with_a_step() {
      var evaluation =
          L4Authorizer.evaluate(
              new ApplicablePolicies(List.of(), List.of("ns/lost")), from(CLIENT));

      assertThat(evaluation.verdict().isAllowed()).isTrue();
      assertThat(evaluation.steps().getFirst().text()).isEqualTo("skipping unknown policy");
      assertThat(evaluation.steps().getFirst().policy()).isEqualTo("ns/lost");
    }
  }

  @Nested
  class a_dry_run {

    @Test
    void of_deny_is_reported_and_has_no_effect() {
      var evaluation =
          evaluate(from(CLIENT), policy("try", PolicyAction.DENY, true, group(port(80))));

      assertThat(evaluation.verdict().isAllowed()).isTrue();
      assertThat(steps(evaluation))
          .containsExactly(Kind.DRY_RUN_DENY_MATCH, Kind.NO_ALLOW_POLICIES);
    }

    @Test
    void of_allow_does_not_count_as_an_allow_policy() {
      var tried = policy("try", PolicyAction.ALLOW, true, group(port(81)));

      var alone = evaluate(from(CLIENT), tried);
      var besides = evaluate(from(CLIENT), tried, allow("a", port(81)));

      assertThat(alone.verdict().isAllowed()).isTrue();
      assertThat(steps(alone)).containsExactly(Kind.DRY_RUN_NO_ALLOW_MATCH, Kind.NO_ALLOW_POLICIES);
      assertThat(besides.verdict().isAllowed()).isFalse();
    }

    @Test
    void of_allow_that_matches_is_reported() {
      var evaluation =
          evaluate(
              from(CLIENT),
              policy("try", PolicyAction.ALLOW, true, group(port(80))),
              allow("a", port(81)));

      assertThat(evaluation.verdict().isAllowed()).isFalse();
      assertThat(steps(evaluation)).containsExactly(Kind.DRY_RUN_ALLOW_MATCH, Kind.NO_ALLOW_MATCH);
    }
  }

  @Nested
  class empty_parts {

    @Test
    void a_policy_without_rules_never_matches() {
      assertThat(allows(from(CLIENT), policy("nothing", PolicyAction.ALLOW, false))).isFalse();
      assertThat(allows(from(CLIENT), policy("nothing", PolicyAction.DENY, false))).isTrue();
    }

    @Test
    void a_rule_without_clauses_matches() {
      assertThat(allows(from(CLIENT), policy("p", PolicyAction.DENY, false, new Group(List.of()))))
          .isFalse();
    }

    @Test
    void a_clause_without_matches_matches() {
      assertThat(allows(from(CLIENT), allow("p"))).isTrue();
    }

    @Test
    void a_match_without_fields_never_matches() {
      assertThat(holds(match().build(), from(CLIENT))).isFalse();
      assertThat(allows(from(CLIENT), allow("p", match().build(), port(80)))).isTrue();
    }
  }

  @Nested
  class joining {

    @Test
    void matches_of_a_clause_are_alternatives_and_clauses_are_all_needed() {
      var clauses =
          new Group(List.of(new Clause(List.of(port(80), port(81))), new Clause(List.of(CLIENTS))));
      var policy = policy("p", PolicyAction.ALLOW, false, clauses);

      assertThat(allows(from(CLIENT), policy)).isTrue();
      assertThat(allows(connection(CLIENT, "192.0.2.1", "198.51.100.1", 81), policy)).isTrue();
      assertThat(allows(connection(CLIENT, "192.0.2.1", "198.51.100.1", 82), policy)).isFalse();
      assertThat(allows(from(null), policy)).isFalse();
    }

    @Test
    void rules_are_alternatives_and_the_one_that_decided_is_named() {
      var policy = policy("p", PolicyAction.ALLOW, false, group(port(81)), group(port(80)));

      assertThat(evaluate(from(CLIENT), policy).steps())
          .containsExactly(new PolicyStep(Kind.ALLOW_MATCH, "ns/p", "rule 2"));
    }

    @Test
    void fields_of_a_match_are_all_needed() {
      var both =
          match()
              .destinationPorts(FieldValues.of(List.of(80)))
              .principals(FieldValues.of(List.of(new StringMatcher.Presence())))
              .build();

      assertThat(holds(both, from(CLIENT))).isTrue();
      assertThat(holds(both, from(null))).isFalse();
      assertThat(holds(both, connection(CLIENT, "192.0.2.1", "198.51.100.1", 81))).isFalse();
    }
  }

  enum Matcher {
    EXACT,
    PREFIX,
    SUFFIX,
    PRESENCE;

    StringMatcher of(String value) {
      return switch (this) {
        case EXACT -> new StringMatcher.Exact(value);
        case PREFIX -> new StringMatcher.Prefix(value);
        case SUFFIX -> new StringMatcher.Suffix(value);
        case PRESENCE -> new StringMatcher.Presence();
      };
    }
  }

  @ParameterizedTest(name = "namespace {0} {1} for {2}: {3}")
  @CsvSource({
    "EXACT, ns, ns, true",
    "EXACT, ns, other, false",
    "EXACT, ns, '', false",
    "PREFIX, n, ns, true",
    "PREFIX, s, ns, false",
    "SUFFIX, s, ns, true",
    "SUFFIX, n, ns, false",
    "PRESENCE, '', ns, true",
    "PRESENCE, '', '', false"
  })
  void namespaces_are_compared_and_plain_text_has_the_empty_one(
      Matcher matcher, String value, String namespace, boolean expected) {
    var peer = namespace.isEmpty() ? null : SpiffeId.of("td", namespace, "sa");
    var values = FieldValues.of(List.of(matcher.of(value)));

    assertThat(holds(match().namespaces(values).build(), from(peer))).isEqualTo(expected);
    assertThat(holds(match().notNamespaces(values).build(), from(peer))).isEqualTo(!expected);
  }

  @ParameterizedTest(name = "principal {0} {1}: {2}")
  @CsvSource({
    "EXACT, cluster.local/ns/ns/sa/client, true",
    "EXACT, spiffe://cluster.local/ns/ns/sa/client, false",
    "PREFIX, cluster.local/ns/ns/, true",
    "PREFIX, cluster.local/ns/other/, false",
    "SUFFIX, /sa/client, true",
    "SUFFIX, /sa/other, false",
    "PRESENCE, '', true"
  })
  void principals_are_compared_without_scheme_and_plain_text_has_none(
      Matcher matcher, String value, boolean expected) {
    var values = FieldValues.of(List.of(matcher.of(value)));

    assertThat(holds(match().principals(values).build(), from(CLIENT))).isEqualTo(expected);
    assertThat(holds(match().notPrincipals(values).build(), from(CLIENT))).isEqualTo(!expected);
    assertThat(holds(match().principals(values).build(), from(null))).isFalse();
    assertThat(holds(match().notPrincipals(values).build(), from(null))).isTrue();
  }

  @Test
  void deny_what_has_no_principal_is_how_plain_text_is_refused() {
    var strict =
        deny(
            "istio_converted_static_strict",
            match().notPrincipals(FieldValues.of(List.of(new StringMatcher.Presence()))).build());

    assertThat(allows(from(null), strict)).isFalse();
    assertThat(allows(from(CLIENT), strict)).isTrue();
  }

  @Test
  void service_accounts_are_compared_in_any_trust_domain() {
    var values = FieldValues.of(List.of(new ServiceAccountMatcher("ns", "client")));
    var elsewhere = SpiffeId.of("other", "ns", "client");
    var stranger = SpiffeId.of("cluster.local", "ns2", "client");

    assertThat(holds(match().serviceAccounts(values).build(), from(elsewhere))).isTrue();
    assertThat(holds(match().serviceAccounts(values).build(), from(stranger))).isFalse();
    assertThat(holds(match().serviceAccounts(values).build(), from(null))).isFalse();
    assertThat(holds(match().notServiceAccounts(values).build(), from(elsewhere))).isFalse();
    assertThat(holds(match().notServiceAccounts(values).build(), from(null))).isTrue();
  }

  @ParameterizedTest(name = "{0} holds {1}: {2}")
  @CsvSource({
    "192.0.2.0/24, 192.0.2.255, true",
    "192.0.2.0/24, 192.0.3.0, false",
    "192.0.2.1/32, 192.0.2.1, true",
    "192.0.2.77/24, 192.0.2.1, true",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 203.0.113.9, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false"
  })
  void addresses_are_compared_by_prefix(String prefix, String address, boolean expected) {
    var values = FieldValues.of(List.of(IpPrefix.parse(prefix)));
    var other = address.contains(":") ? "2001:db8:1::1" : "233.252.0.1";
    var asSource = connection(CLIENT, address, other, 80);
    var asDestination = connection(CLIENT, other, address, 80);

    assertThat(holds(match().sourceIps(values).build(), asSource)).isEqualTo(expected);
    assertThat(holds(match().notSourceIps(values).build(), asSource)).isEqualTo(!expected);
    assertThat(holds(match().destinationIps(values).build(), asDestination)).isEqualTo(expected);
    assertThat(holds(match().notDestinationIps(values).build(), asDestination))
        .isEqualTo(!expected);
  }

  @Test
  void ports_are_compared_exactly() {
    var values = FieldValues.of(List.of(80, 443));

    assertThat(holds(match().destinationPorts(values).build(), from(CLIENT))).isTrue();
    assertThat(holds(match().notDestinationPorts(values).build(), from(CLIENT))).isFalse();
    assertThat(
            holds(
                match().notDestinationPorts(values).build(),
                connection(CLIENT, "192.0.2.1", "198.51.100.1", 81)))
        .isTrue();
  }

  /// What cannot be read never lets anyone in.
  @Nested
  class unreadable_conditions {

    /// Each field of a match with nothing but a value that could not be read.
    static List<PolicyMatch> matches() {
      var bad = List.of("bad");
      return new ArrayList<>(
          Arrays.asList(
              match().namespaces(new FieldValues<>(List.of(), bad)).build(),
              match().notNamespaces(new FieldValues<>(List.of(), bad)).build(),
              match().principals(new FieldValues<>(List.of(), bad)).build(),
              match().notPrincipals(new FieldValues<>(List.of(), bad)).build(),
              match().serviceAccounts(new FieldValues<>(List.of(), bad)).build(),
              match().notServiceAccounts(new FieldValues<>(List.of(), bad)).build(),
              match().sourceIps(new FieldValues<>(List.of(), bad)).build(),
              match().notSourceIps(new FieldValues<>(List.of(), bad)).build(),
              match().destinationIps(new FieldValues<>(List.of(), bad)).build(),
              match().notDestinationIps(new FieldValues<>(List.of(), bad)).build(),
              match().destinationPorts(new FieldValues<>(List.of(), bad)).build(),
              match().notDestinationPorts(new FieldValues<>(List.of(), bad)).build(),
              match().unreadable("bad").build()));
    }

    @ParameterizedTest
    @MethodSource("matches")
    void do_not_allow(PolicyMatch match) {
      assertThat(allows(from(CLIENT), allow("p", match))).isFalse();
    }

    @ParameterizedTest
    @MethodSource("matches")
    void deny_and_say_what_could_not_be_read(PolicyMatch match) {
      var evaluation = evaluate(from(CLIENT), deny("p", match));

      assertThat(evaluation.verdict().text()).endsWith("explicitly denied by: ns/p");
      assertThat(evaluation.steps().getFirst().detail())
          .isEqualTo("rule 1, which has conditions that cannot be read: bad");
    }

    @Test
    void do_not_matter_where_the_rest_decides() {
      var badButWrongPort =
          match()
              .sourceIps(new FieldValues<>(List.of(), List.of("bad")))
              .destinationPorts(FieldValues.of(List.of(81)))
              .build();
      var badOrRightNamespace =
          match()
              .namespaces(new FieldValues<>(List.of(new StringMatcher.Exact("ns")), List.of("bad")))
              .build();

      assertThat(allows(from(CLIENT), deny("p", badButWrongPort))).isTrue();
      assertThat(allows(from(CLIENT), allow("p", badOrRightNamespace))).isTrue();
      assertThat(allows(from(CLIENT), allow("p", badButWrongPort, port(80)))).isTrue();
    }

    @Test
    void a_policy_that_is_not_understood_at_all_denies() {
      var policy = L4Policy.notUnderstood("ns/p", "ns", "p", PolicyScope.NAMESPACE, "new action");

      assertThat(evaluate(from(CLIENT), policy).verdict().text()).endsWith("denied by: ns/p");
    }
  }

  @ParameterizedTest
  @EnumSource
  void three_valued_logic_is_kleene_s(Truth left) {
    for (var right : Truth.values()) {
      assertThat(left.and(right)).isEqualTo(left.not().or(right.not()).not());
      assertThat(left.and(right)).isEqualTo(right.and(left));
      assertThat(left.or(right)).isEqualTo(right.or(left));
    }
    assertThat(left.and(Truth.NO)).isEqualTo(Truth.NO);
    assertThat(left.or(Truth.YES)).isEqualTo(Truth.YES);
    assertThat(left.and(Truth.YES)).isEqualTo(left);
    assertThat(left.or(Truth.NO)).isEqualTo(left);
  }
}
