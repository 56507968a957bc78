package dev.kiri.controlplane.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.Policies;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Strictness and its exceptions (controlplane.md 7.2, 7.3).
class PeerAuthenticationsTest {
  private static final String POD =
      "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, labels: {app: a}}, spec: {},"
          + " status: {podIP: 10.0.0.1}}";
  private static final String STATIC = "istio-system/istio_converted_static_strict";
  private static final String CONVERTED = "ns/converted_peer_authentication_own";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // mesh | namespace | workload | referenced
        "'' | '' | '' | ''",
        "STRICT | '' | '' | static",
        "STRICT | PERMISSIVE | '' | ''",
        "PERMISSIVE | STRICT | '' | static",
        "STRICT | UNSET | '' | static",
        "STRICT | DISABLE | '' | ''",
        "STRICT | '' | {mtls: {mode: PERMISSIVE}} | ''",
        "'' | '' | {mtls: {mode: STRICT}} | static",
        "STRICT | '' | {} | static",
        "'' | '' | {mtls: {mode: STRICT}, portLevelMtls: {80: {mode: STRICT}}} | static",
        "'' | '' | {mtls: {mode: STRICT}, portLevelMtls: {80: {mode: PERMISSIVE}}} | converted",
        "'' | '' | {mtls: {mode: PERMISSIVE}, portLevelMtls: {80: {mode: STRICT}}} | converted",
        "'' | '' | {mtls: {mode: DISABLE}, portLevelMtls: {80: {mode: PERMISSIVE}}} | ''",
        "STRICT | '' | {portLevelMtls: {80: {mode: PERMISSIVE}}} | converted",
        "STRICT | '' | {portLevelMtls: {80: {mode: STRICT}}} | static",
        "'' | '' | {portLevelMtls: {80: {mode: STRICT}}} | converted",
        "STRICT | '' | {portLevelMtls: {80: {mode: DISABLE}}} | converted"
      })
  void a_workload_references_what_its_effective_mode_asks_for(
      String mesh, String namespace, String workload, String wanted) throws Exception {
    List<String> documents = new ArrayList<>(List.of(POD));
    if (!mesh.isEmpty()) {
      documents.add(Policies.peer("istio-system", "mesh", "{mtls: {mode: " + mesh + "}}"));
    }
    if (!namespace.isEmpty()) {
      documents.add(Policies.peer("ns", "namespace", "{mtls: {mode: " + namespace + "}}"));
    }
    if (!workload.isEmpty()) {
      documents.add(
          Policies.peer(
              "ns",
              "own",
              "{selector: {matchLabels: {app: a}}"
                  + (workload.equals("{}")
                      ? ""
                      : ", " + workload.substring(1, workload.length() - 1))
                  + "}"));
    }
    IndexFixture index = new IndexFixture().with(documents.toArray(String[]::new));

    List<String> expected =
        switch (wanted) {
          case "static" -> List.of(STATIC);
          case "converted" -> List.of(CONVERTED);
          default -> List.of();
        };
    assertThat(index.workload("ns", "p").getAuthorizationPoliciesList()).isEqualTo(expected);
    assertThat(index.policyNames()).containsAll(expected);
  }

  @Test
  void an_exempt_port_under_a_strict_parent_is_left_out_of_the_denial() throws Exception {
    var policy =
        new IndexFixture()
            .with(
                Policies.peer(
                    "ns",
                    "own",
                    "{selector: {matchLabels: {app: a}}, mtls: {mode: STRICT}, portLevelMtls: {81:"
                        + " {mode: DISABLE}, 80: {mode: PERMISSIVE}}}"))
            .policy(CONVERTED);

    assertThat(policy.getGroupsCount()).isEqualTo(1);
    var rules = policy.getGroups(0).getRulesList();
    assertThat(rules.get(0).getMatches(0).getNotPrincipals(0).hasPresence()).isTrue();
    assertThat(rules.get(1).getMatches(0).getNotDestinationPortsList()).containsExactly(80);
    assertThat(rules.get(2).getMatches(0).getNotDestinationPortsList()).containsExactly(81);
  }

  @Test
  void strict_ports_under_a_lenient_parent_are_a_group_each() throws Exception {
    var policy =
        new IndexFixture()
            .with(
                Policies.peer(
                    "ns",
                    "own",
                    "{selector: {matchLabels: {app: a}}, portLevelMtls: {81: {mode: STRICT}, 80:"
                        + " {mode: STRICT}}}"))
            .policy(CONVERTED);

    assertThat(policy.getGroupsCount()).isEqualTo(2);
    var first = policy.getGroups(0).getRules(0).getMatches(0);
    assertThat(first.getNotPrincipals(0).hasPresence()).isTrue();
    assertThat(first.getDestinationPortsList()).containsExactly(80);
  }

  @Test
  void the_static_policy_is_there_as_long_as_any_peer_authentication_is() {
    String one = Policies.peer("ns", "one", "{mtls: {mode: PERMISSIVE}}");
    String two = Policies.peer("ns", "two", "{mtls: {mode: PERMISSIVE}}");
    IndexFixture index = new IndexFixture().with(one, two);
    assertThat(index.policyNames()).containsExactly(STATIC);

    index.without(one);
    assertThat(index.policyNames()).containsExactly(STATIC);

    index.without(two);
    assertThat(index.policyNames()).isEmpty();
  }

  @Test
  void selector_policies_are_listed_on_the_workloads_they_select() throws Exception {
    IndexFixture index =
        new IndexFixture()
            .with(
                POD,
                Policies.policy("ns", "b", "{selector: {matchLabels: {app: a}}, rules: [{}]}"),
                Policies.policy(
                    "istio-system", "r", "{selector: {matchLabels: {app: a}}, rules: [{}]}"),
                Policies.policy("ns", "a", "{selector: {matchLabels: {app: other}}, rules: [{}]}"),
                Policies.policy("ns", "whole", "{rules: [{}]}"),
                Policies.peer("ns", "strict", "{mtls: {mode: STRICT}}"));

    assertThat(index.workload("ns", "p").getAuthorizationPoliciesList())
        .containsExactly("istio-system/r", "ns/b", STATIC);
  }
}
