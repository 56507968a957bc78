package dev.kiri.mesh.xds;

import static dev.kiri.mesh.testing.Meshes.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.policy.L4Authorizer;
import dev.kiri.mesh.policy.L4Connection;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.mesh.policy.PolicyAction;
import dev.kiri.mesh.policy.PolicyScope;
import dev.kiri.mesh.policy.PolicyVerdict;
import dev.kiri.mesh.store.MeshStore;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What becomes of a policy that cannot be read: it never opens anything.
class WorkloadSubscriptionTest {
  private final MeshStore store = new MeshStore();

  @SuppressWarnings("unchecked")
  private final ResourceHandler<L4Policy> policies =
      (ResourceHandler<L4Policy>) WorkloadSubscription.of(store).get(1).handler();

  private PolicyVerdict verdict(String namespace) {
    var workload =
        pod(namespace, "server", "192.0.2.1").authorizationPolicies(List.of("ns/p")).build();
    var connection =
        new L4Connection(
            null,
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.9"), 40_000),
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 80));
    return L4Authorizer.evaluate(store.current().policiesFor(workload), connection).verdict();
  }

  private static NamedResource<L4Policy> policy() {
    return new NamedResource<>(
        "ns/p",
        "",
        new L4Policy("ns/p", "ns", "p", PolicyScope.GLOBAL, PolicyAction.DENY, false, List.of()));
  }

  @Test
  void one_that_was_never_understood_denies_where_its_name_points_and_where_it_is_listed() {
    policies.unparsable(List.of(new Rejection("ns/p", "unknown enum: policy action 7")));

    assertThat(verdict("ns").text()).endsWith("explicitly denied by: ns/p");
    assertThat(verdict("elsewhere").isAllowed()).isFalse();
  }

  @Test
  void one_that_was_understood_before_stays_as_it_was() {
    policies.apply(List.of(policy()), List.of());

    policies.unparsable(List.of(new Rejection("ns/p", "unknown enum: policy action 7")));

    assertThat(verdict("ns").isAllowed()).isTrue();
  }

  @Test
  void one_that_becomes_readable_or_goes_away_takes_its_refusal_with_it() {
    policies.unparsable(List.of(new Rejection("ns/p", "bad")));
    policies.apply(List.of(policy()), List.of());
    var readable = verdict("ns");
    policies.apply(List.of(), List.of("ns/p"));
    policies.unparsable(List.of(new Rejection("ns/p", "bad")));
    policies.apply(List.of(), List.of("ns/p"));

    assertThat(readable.isAllowed()).isTrue();
    assertThat(verdict("ns").isAllowed()).isTrue();
  }
}
