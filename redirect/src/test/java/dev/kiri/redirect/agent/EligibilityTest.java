package dev.kiri.redirect.agent;

import static dev.kiri.redirect.agent.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who is captured (istio `cni/pkg/util/podutil_test.go`, `cni/pkg/nodeagent/informers_test.go`).
class EligibilityTest {
  static final Map<String, String> AMBIENT = Map.of(MeshLabels.DATAPLANE_MODE, "ambient");
  static final Eligibility ELIGIBILITY =
      new Eligibility(
          EnablementSelector.parse(EnablementSelector.DEFAULT),
          Set.of("kube-system"),
          "istio-system");

  static Stream<Arguments> cases() {
    var ambient = pod().label(MeshLabels.DATAPLANE_MODE, "ambient");
    var none = pod().label(MeshLabels.DATAPLANE_MODE, "none");
    return Stream.of(
        Arguments.of("namespace labelled", AMBIENT, pod(), true),
        Arguments.of("pod labelled", Map.of(), ambient, true),
        Arguments.of("both labelled", AMBIENT, ambient, true),
        Arguments.of("nothing labelled", Map.of(), pod(), false),
        Arguments.of("pod opts out", AMBIENT, none, false),
        Arguments.of("sidecar", AMBIENT, pod().annotation(MeshLabels.SIDECAR_STATUS, ""), false),
        Arguments.of(
            "labelled pod with sidecar",
            Map.of(),
            ambient.annotation(MeshLabels.SIDECAR_STATUS, "{}"),
            false),
        Arguments.of("host network", AMBIENT, pod().onHostNetwork(), false),
        Arguments.of("labelled pod, host network", Map.of(), ambient.onHostNetwork(), false),
        Arguments.of("excluded namespace", AMBIENT, ambient.in("kube-system"), false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void a_pod_is_eligible_or_not(
      String name, Map<String, String> namespaceLabels, Pods pod, boolean eligible) {
    var verdict = ELIGIBILITY.verdict(pod.build(), namespaceLabels);

    assertThat(verdict instanceof Eligibility.Verdict.Eligible).isEqualTo(eligible);
  }

  @Test
  void an_empty_list_captures_nobody_and_an_empty_entry_everybody() {
    var nobody = EnablementSelector.parse("[]");
    var everybody = EnablementSelector.parse("[{}]");

    assertThat(nobody.matches(AMBIENT, AMBIENT)).isFalse();
    assertThat(everybody.matches(Map.of(), Map.of())).isTrue();
    assertThat(everybody.matchesNamespace(AMBIENT)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "In,a,true",
    "In,b,false",
    "NotIn,a,false",
    "NotIn,b,true",
    "Exists,'',true",
    "DoesNotExist,'',false"
  })
  void an_expression_compares_a_label(String operator, String value, boolean matches) {
    var selector =
        EnablementSelector.parse(
            "[{podSelector: {matchExpressions: [{key: k, operator: %s, values: [%s]}]}}]"
                .formatted(operator, value));

    assertThat(selector.matches(Map.of("k", "a"), Map.of())).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "podSelector: {}",
        "[{podSelector: {matchLabel: {a: b}}}]",
        "[{podSelector: {matchExpressions: [{key: k, operator: Like}]}}]",
        "[{podSelector: {matchExpressions: [{operator: In}]}}]",
        "[{"
      })
  void a_selector_that_is_not_understood_is_refused(String yaml) {
    assertThatThrownBy(() -> EnablementSelector.parse(yaml))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"'',0", "'   ',0", "',,',0", "' a , b ',2", "',a,,b,',2"})
  void a_list_of_namespaces_forgives_blanks(String list, int count) {
    assertThat(Eligibility.namespaces(list)).hasSize(count);
  }

  @Test
  void what_a_pod_says_of_its_capture_is_read_as_far_as_it_is_understood() {
    var garbage =
        PodOverrides.of(
            pod()
                .annotation(MeshLabels.DNS_CAPTURE, "tweedledum")
                .annotation(MeshLabels.BYPASS_INBOUND, "true")
                .annotation(MeshLabels.VIRTUAL_INTERFACES, "en0ps1, x),  ")
                .build()
                .annotations(),
            true);

    assertThat(garbage.capture().dns()).isTrue();
    assertThat(garbage.capture().inbound()).isFalse();
    assertThat(garbage.capture().virtualInterfaces()).hasSize(1);
    assertThat(garbage.warnings()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"1,true", "T,true", "True,true", "0,false", "F,false", "FALSE,false"})
  void booleans_are_spelled_as_upstream_reads_them(String text, boolean dns) {
    var overrides = PodOverrides.of(Map.of(MeshLabels.DNS_CAPTURE, text), !dns);

    assertThat(overrides.capture().dns()).isEqualTo(dns);
    assertThat(overrides.warnings()).isEmpty();
  }
}
