package dev.kiri.local.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.manifest.Manifests.Checked;
import dev.kiri.local.manifest.Problem.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What users get wrong, and what they are told.
class ManifestsTest {
  private final Manifests manifests = new Manifests(Schemas.load());

  private Checked check(String yaml) {
    var reader = new ManifestReader();
    reader.readText("shop.yaml", yaml);
    assertThat(reader.problems()).isEmpty();
    return manifests.check(reader.manifests(), List.of());
  }

  private static Problem only(Checked checked) {
    assertThat(checked.problems()).hasSize(1);
    return checked.problems().getFirst();
  }

  @Test
  void accepts_an_ordinary_service() {
    var checked =
        check(
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: a}, ports:"
                + " [{port: 80}]}}");

    assertThat(checked.problems()).isEmpty();
    assertThat(checked.accepted()).hasSize(1);
  }

  @Test
  void names_file_document_field_found_and_accepted() {
    var problem =
        only(
            check(
                """
                {kind: Namespace, metadata: {name: x}}
                ---
                {kind: Service, metadata: {name: a}, spec: {ports: [{port: 99999}]}}
                """));

    assertThat(problem)
        .hasToString(
            "error: shop.yaml, document 2 (Service a): spec.ports[0].port: found 99999; accepted: a"
                + " port number, 1 to 65535");
  }

  @Test
  void a_refusal_shows_the_mistyped_field_that_its_error_is_about() {
    var refusal =
        check("{kind: Service, metadata: {name: a}, spec: {selector: {app: a}, portz: []}}")
            .refusal()
            .orElseThrow();

    assertThat(refusal.lines().toList()).hasSize(2);
    assertThat(refusal.lines().toList().getFirst())
        .startsWith("error: ")
        .contains("spec.ports: found no ports");
    assertThat(refusal.lines().toList().getLast()).startsWith("warning: ").contains("spec.portz");
    assertThat(check("{kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}]}}").refusal())
        .isEmpty();
  }

  @Test
  void warns_of_an_unknown_field_and_offers_the_likely_one() {
    var checked =
        check("{kind: Service, metadata: {name: a}, spec: {prots: [], ports: [{port: 80}]}}");

    var problem = only(checked);
    assertThat(problem.severity()).isEqualTo(Severity.WARNING);
    assertThat(problem.field()).isEqualTo("spec.prots");
    assertThat(problem.accepted()).startsWith("perhaps ports");
    assertThat(checked.accepted()).hasSize(1);
  }

  @Test
  void warns_of_an_unknown_kind_and_leaves_it_out() {
    var checked = check("{apiVersion: x/v1, kind: Foo, metadata: {name: a}}");

    assertThat(only(checked).severity()).isEqualTo(Severity.WARNING);
    assertThat(checked.accepted()).isEmpty();
  }

  @Test
  void refuses_a_kind_that_cannot_be_honoured_by_name() {
    var problem = only(check("{kind: EnvoyFilter, metadata: {name: a}}"));

    assertThat(problem.severity()).isEqualTo(Severity.ERROR);
    assertThat(problem.found()).contains("EnvoyFilter");
  }

  @Test
  void refuses_an_image_without_a_meaning_here_and_says_how_to_mend_it() {
    var problem =
        only(
            check(
                "{kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: nginx}]}}"));

    assertThat(problem.found()).contains("nginx").contains("\"c\"").contains("\"p\"");
    assertThat(problem.accepted()).contains("kiri.dev/echo").contains("command");
  }

  @Test
  void accepts_any_image_with_a_command() {
    var checked =
        check(
            "{kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: nginx, command:"
                + " [sleep, '1']}]}}");

    assertThat(checked.problems()).isEmpty();
  }

  @Test
  void misses_a_node_that_does_not_exist() {
    var problem =
        only(
            check(
                """
                {kind: Node, metadata: {name: node-1}}
                ---
                {kind: Pod, metadata: {name: p}, spec: {nodeName: node-7, containers: [{name: c, \
                image: kiri.dev/shell}]}}
                """));

    assertThat(problem.severity()).isEqualTo(Severity.UNRESOLVED);
    assertThat(problem.field()).isEqualTo("spec.nodeName");
    assertThat(problem.accepted()).contains("node-1").contains("--nodes");
  }

  @Test
  void refuses_a_kind_of_another_api_group() {
    var problem =
        only(
            check(
                "{apiVersion: v1, kind: Deployment, metadata: {name: d}, spec: {selector: {},"
                    + " template: {spec: {containers: []}}}}"));

    assertThat(problem.field()).isEqualTo("apiVersion");
    assertThat(problem.accepted()).contains("apps/v1");
  }

  @Test
  void refuses_two_containers_of_one_name_and_an_annotation_that_is_neither_true_nor_false() {
    var checked =
        check(
            """
            kind: Pod
            metadata: {name: p, annotations: {local.kiri.dev/outside: "yes"}}
            spec: {containers: [{name: c, image: kiri.dev/shell}, {name: c, image: kiri.dev/echo}]}
            """);

    assertThat(checked.problems())
        .extracting(Problem::field)
        .containsExactlyInAnyOrder(
            "spec.containers[1].name", "metadata.annotations[local.kiri.dev/outside]");
  }

  @Test
  void misses_a_service_account_that_does_not_exist() {
    var problem =
        only(
            check(
                "{kind: Pod, metadata: {name: p}, spec: {serviceAccountName: bob, containers:"
                    + " [{name: c, image: kiri.dev/shell}]}}"));

    assertThat(problem.severity()).isEqualTo(Severity.UNRESOLVED);
    assertThat(problem.field()).isEqualTo("spec.serviceAccountName");
  }

  @Test
  void finds_a_service_account_in_another_document() {
    var checked =
        check(
            """
            {kind: Pod, metadata: {name: p}, spec: {serviceAccountName: bob, containers: [{name: c, image: kiri.dev/shell}]}}
            ---
            {kind: ServiceAccount, metadata: {name: bob}}
            """);

    assertThat(checked.problems()).isEmpty();
  }

  @Test
  void refuses_two_pods_with_one_address() {
    var pod =
        "{kind: Pod, metadata: {name: %s, annotations: {local.kiri.dev/address: 203.0.113.7}},"
            + " spec: {containers: [{name: c, image: kiri.dev/shell}]}}\n";

    var problem = only(check(pod.formatted("a") + "---\n" + pod.formatted("b")));

    assertThat(problem.found()).isEqualTo("203.0.113.7, which default/a has already");
  }

  @Test
  void does_not_resolve_a_gateway_class_nobody_serves() {
    var problem =
        only(
            check(
                "{kind: Gateway, metadata: {name: g}, spec: {gatewayClassName: nginx, listeners:"
                    + " [{name: l, port: 80, protocol: HTTP}]}}"));

    assertThat(problem.severity()).isEqualTo(Severity.UNRESOLVED);
    assertThat(problem.field()).isEqualTo("spec.gatewayClassName");
  }

  @Test
  void does_not_resolve_a_route_to_a_service_that_does_not_exist() {
    var checked =
        check(
            """
            {kind: Service, metadata: {name: a}, spec: {selector: {app: a}, ports: [{port: 80}]}}
            ---
            kind: HTTPRoute
            metadata: {name: r}
            spec:
              parentRefs: [{group: "", kind: Service, name: a}]
              rules: [{backendRefs: [{name: nowhere, port: 80}]}]
            """);

    assertThat(only(checked).field()).isEqualTo("spec.rules[0].backendRefs[0].name");
  }

  @Test
  void refuses_a_principal_of_an_unknown_form() {
    var policy =
        "{kind: AuthorizationPolicy, metadata: {name: p}, spec: {rules: [{from: [{source:"
            + " {principals: ['%s']}}]}]}}";

    assertThat(only(check(policy.formatted("spiffe://cluster.local/ns/a/sa/b"))).field())
        .isEqualTo("spec.rules[0].from[0].source.principals[0]");
    assertThat(check(policy.formatted("cluster.local/ns/a/sa/b")).problems()).isEmpty();
    assertThat(check(policy.formatted("*/sa/b")).problems()).isEmpty();
    assertThat(check(policy.formatted("*")).problems()).isEmpty();
  }

  @Test
  void refuses_the_same_object_twice() {
    var checked =
        check(
            """
            {kind: Namespace, metadata: {name: a}}
            ---
            {kind: Namespace, metadata: {name: a}}
            """);

    assertThat(only(checked).found()).contains("document 1");
  }

  @Test
  void names_the_line_of_broken_yaml() {
    var reader = new ManifestReader();

    reader.readText("shop.yaml", "kind: Pod\n---\nkind: [a\n");

    assertThat(reader.problems()).hasSize(1);
    assertThat(reader.problems().getFirst().toString())
        .startsWith("error: shop.yaml, document 2: found line ");
  }

  @Test
  void takes_the_items_of_a_list_apart() {
    var checked =
        check(
            "{kind: List, items: [{kind: Namespace, metadata: {name: a}}, {kind: Namespace,"
                + " metadata: {name: b}}]}");

    assertThat(checked.accepted()).extracting(m -> m.object().name()).containsExactly("a", "b");
  }
}
