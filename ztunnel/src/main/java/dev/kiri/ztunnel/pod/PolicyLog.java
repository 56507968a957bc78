package dev.kiri.ztunnel.pod;

import dev.kiri.mesh.policy.PolicyEvaluation;
import dev.kiri.mesh.policy.PolicyStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// How a policy verdict came about, for the process's log: debug, or info where the settings say so
/// (`AUTHZ_POLICY_INFO_LOGGING`), and a warning for what was skipped. What a policy on trial would
/// have done is seen here only.
final class PolicyLog {
  private static final Logger LOG = LoggerFactory.getLogger("rbac");

  private PolicyLog() {}

  static void log(PodSettings settings, PolicyEvaluation evaluation) {
    log(LOG, settings.policiesAtInfo() ? Level.INFO : Level.DEBUG, evaluation);
  }

  static void log(Logger to, Level level, PolicyEvaluation evaluation) {
    for (var step : evaluation.steps()) {
      if (step.kind() == PolicyStep.Kind.UNKNOWN_POLICY) {
        to.warn("{} {}", step.text(), step.policy());
      } else if (to.isEnabledForLevel(level)) {
        var line = to.atLevel(level);
        if (step.policy() != null) {
          line = line.addKeyValue("policy", step.policy());
        }
        line.log(step.text());
      }
    }
  }
}
