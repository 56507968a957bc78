package dev.kiri.ztunnel.pod;

import static dev.kiri.ztunnel.TestMesh.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.mesh.policy.L4Authorizer;
import dev.kiri.mesh.policy.L4Connection;
import dev.kiri.mesh.policy.L4Policy;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.TestPolicies;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;

/// Row 26 of what users ask for: what a policy would do is seen before it does it.
class PolicyLogTest {
  private final List<String> lines = new ArrayList<>();

  private List<String> logged(Level threshold, Level level, L4Policy... policies) {
    var mesh = new TestMesh();
    for (var policy : policies) {
      mesh.with(policy);
    }
    var workload = TestMesh.captured("b", "192.0.2.12").build();
    var connection =
        new L4Connection(
            SpiffeId.of("cluster.local", "ns", "a"),
            at("192.0.2.11", 40_000),
            at("192.0.2.12", 8080));
    var evaluation = L4Authorizer.evaluate(mesh.snapshot().policiesFor(workload), connection);
    PolicyLog.log(new Recorder(threshold), level, evaluation);
    return lines;
  }

  @Test
  void a_dry_run_policy_is_told_with_its_name_and_what_it_would_have_done() {
    assertThat(logged(Level.INFO, Level.INFO, TestPolicies.dryRun(TestPolicies.denyPort(8080))))
        .containsExactly(
            "INFO policy=ns/deny-8080 dry-run: deny policy match", "INFO no allow policies, allow");
  }

  @Test
  void each_step_of_a_verdict_is_told_at_the_level_that_was_asked_for() {
    assertThat(logged(Level.DEBUG, Level.DEBUG, TestPolicies.allowPort(8080)))
        .containsExactly("DEBUG policy=ns/allow-8080 allow policy match");
  }

  @Test
  void nothing_is_told_below_the_level_of_the_log() {
    assertThat(logged(Level.INFO, Level.DEBUG, TestPolicies.denyPort(8080))).isEmpty();
  }

  private final class Recorder extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final int threshold;

    Recorder(Level threshold) {
      this.threshold = threshold.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
      return threshold <= Level.TRACE.toInt();
    }

    @Override
    public boolean isDebugEnabled() {
      return threshold <= Level.DEBUG.toInt();
    }

    @Override
    public boolean isInfoEnabled() {
      return threshold <= Level.INFO.toInt();
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }

    @Override
    protected String getFullyQualifiedCallerName() {
      return PolicyLogTest.class.getName();
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String message, Object[] arguments, Throwable thrown) {
      lines.add(level + " " + message);
    }
  }
}
