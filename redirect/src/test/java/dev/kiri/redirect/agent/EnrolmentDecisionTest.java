package dev.kiri.redirect.agent;

import static dev.kiri.redirect.agent.EligibilityTest.AMBIENT;
import static dev.kiri.redirect.agent.EligibilityTest.ELIGIBILITY;
import static dev.kiri.redirect.agent.Pods.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.redirect.agent.EnrolmentDecision.Step;
import java.net.InetAddress;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What an event leads to (istio `cni/pkg/nodeagent/informers_test.go`).
class EnrolmentDecisionTest {
  private static final String NOTHING = "nothing";
  private static final String ADD = "add";
  private static final String REMOVE = "remove";
  private static final String REMOVE_GONE = "remove gone";
  private static final String VERIFY = "verify";

  static Stream<Arguments> updates() {
    return Stream.of(
        Arguments.of("a running pod of a labelled namespace", AMBIENT, pod(), ADD),
        Arguments.of("a pending pod is tried again", AMBIENT, pod().pending(), ADD),
        Arguments.of("an enrolled pod stays", AMBIENT, pod().enabled(), NOTHING),
        Arguments.of("a pod without address waits", AMBIENT, pod().withoutAddress(), NOTHING),
        Arguments.of("a pod outside the mesh", Map.of(), pod(), NOTHING),
        Arguments.of("the label went", Map.of(), pod().enabled(), REMOVE),
        Arguments.of("the label went while pending", Map.of(), pod().pending(), REMOVE),
        Arguments.of(
            "the pod opts out",
            AMBIENT,
            pod().enabled().label(MeshLabels.DATAPLANE_MODE, "none"),
            REMOVE),
        Arguments.of(
            "an enrolled pod ended", AMBIENT, pod().enabled().phase("Succeeded"), REMOVE_GONE),
        Arguments.of("a pending pod failed", AMBIENT, pod().pending().phase("Failed"), REMOVE_GONE),
        Arguments.of("a pod that ended is not added", AMBIENT, pod().phase("Failed"), NOTHING),
        Arguments.of("excluded namespace", AMBIENT, pod().in("kube-system"), NOTHING),
        Arguments.of("enrolled, then excluded", AMBIENT, pod().in("kube-system").enabled(), REMOVE),
        Arguments.of(
            "a value of former times",
            AMBIENT,
            pod().annotation(MeshLabels.REDIRECTION, "disabled"),
            ADD),
        Arguments.of(
            "ztunnel itself", AMBIENT, pod().in("istio-system").label("app", "ztunnel"), NOTHING));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("updates")
  void an_update_leads_to(String name, Map<String, String> labels, Pods pod, String expected) {
    var now = pod.build();

    var decision = decide(new PodEvent.Updated(now), view(now, labels));

    assertThat(name(decision.step())).isEqualTo(expected);
    assertThat(decision.probes()).isEmpty();
  }

  @Test
  void an_update_of_a_pod_that_is_gone_leads_to_nothing() {
    var decision = decide(new PodEvent.Updated(pod().enabled().build()), NodeView.EMPTY);

    assertThat(name(decision.step())).isEqualTo(NOTHING);
  }

  @Test
  void a_stale_update_does_not_count_but_the_pod_as_it_is() {
    var view = view(pod().enabled().build(), AMBIENT);

    assertThat(name(decide(new PodEvent.Updated(pod().build()), view).step())).isEqualTo(NOTHING);
  }

  @Test
  void new_addresses_of_an_enrolled_pod_go_into_the_probe_set() {
    var before = pod().enabled().withoutAddress().build();
    var now = pod().enabled().ips("192.0.2.11", "2001:db8::11").build();

    assertThat(decide(new PodEvent.Updated(before), view(now, AMBIENT)).probes())
        .containsExactlyElementsOf(now.ips());
    assertThat(decide(new PodEvent.Updated(now), view(now, AMBIENT)).probes()).isEmpty();
  }

  @Test
  void the_order_of_addresses_does_not_matter() {
    var before = pod().enabled().ips("2001:db8::11", "192.0.2.11").build();
    var now = pod().enabled().ips("192.0.2.11", "2001:db8::11").build();

    assertThat(decide(new PodEvent.Updated(before), view(now, AMBIENT)).probes()).isEmpty();
  }

  @Test
  void a_pod_that_ended_is_removed_with_the_addresses_it_had() {
    var before = pod().enabled().build();
    var now = pod().enabled().phase("Succeeded").withoutAddress().build();

    var decision = decide(new PodEvent.Updated(before), view(now, AMBIENT));

    assertThat(decision.step())
        .isInstanceOfSatisfying(
            Step.Remove.class,
            remove ->
                assertThat(remove.pod().ips())
                    .containsExactly(InetAddress.ofLiteral("192.0.2.11")));
  }

  static Stream<Arguments> deletions() {
    return Stream.of(
        Arguments.of("enrolled", Map.of(), pod().enabled(), REMOVE_GONE),
        Arguments.of("pending", Map.of(), pod().pending(), REMOVE_GONE),
        Arguments.of("about to be enrolled", AMBIENT, pod(), REMOVE_GONE),
        Arguments.of("outside the mesh", Map.of(), pod(), NOTHING),
        Arguments.of(
            "excluded but enrolled", AMBIENT, pod().in("kube-system").enabled(), REMOVE_GONE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("deletions")
  void a_deletion_leads_to(String name, Map<String, String> labels, Pods pod, String expected) {
    var last = pod.build();
    var view = new NodeView(Map.of(), Map.of(last.namespace(), labels));

    assertThat(name(decide(new PodEvent.Deleted(last), view).step())).isEqualTo(expected);
  }

  @Test
  void a_deleted_pod_that_is_back_is_looked_at_as_it_is() {
    var now = pod().build();

    assertThat(name(decide(new PodEvent.Deleted(now), view(now, AMBIENT)).step())).isEqualTo(ADD);
  }

  @Test
  void a_doubted_pod_is_verified_when_it_should_be_there_and_treated_as_changed_otherwise() {
    var enrolled = pod().enabled().build();
    var fresh = pod().build();

    assertThat(name(decide(new PodEvent.Doubted(enrolled), view(enrolled, AMBIENT)).step()))
        .isEqualTo(VERIFY);
    assertThat(name(decide(new PodEvent.Doubted(fresh), view(fresh, AMBIENT)).step()))
        .isEqualTo(ADD);
    assertThat(name(decide(new PodEvent.Doubted(fresh), view(fresh, Map.of())).step()))
        .isEqualTo(NOTHING);
  }

  @Test
  void events_that_wait_together_become_one() {
    var first = pod().build();
    var second = pod().enabled().build();

    assertThat(new PodEvent.Updated(first).then(new PodEvent.Updated(second)))
        .isEqualTo(new PodEvent.Updated(first));
    assertThat(new PodEvent.Updated(first).then(new PodEvent.Deleted(second)))
        .isEqualTo(new PodEvent.Deleted(second));
    assertThat(new PodEvent.Updated(first).then(new PodEvent.Doubted(second)))
        .isEqualTo(new PodEvent.Doubted(first));
  }

  private static EnrolmentDecision decide(PodEvent event, NodeView view) {
    return EnrolmentDecision.of(event, view, ELIGIBILITY);
  }

  private static NodeView view(Pod pod, Map<String, String> namespaceLabels) {
    return new NodeView(Map.of(pod.uid(), pod), Map.of(pod.namespace(), namespaceLabels));
  }

  private static String name(Step step) {
    return switch (step) {
      case Step.Nothing _ -> NOTHING;
      case Step.Add _ -> ADD;
      case Step.Verify _ -> VERIFY;
      case Step.Remove(_, var gone) -> gone ? REMOVE_GONE : REMOVE;
    };
  }
}
