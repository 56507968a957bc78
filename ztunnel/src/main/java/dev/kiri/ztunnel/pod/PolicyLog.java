package dev.kiri.ztunnel.pod;

import dev.kiri.mesh.policy.PolicyEvaluation;
import dev.kiri.mesh.policy.PolicyStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a policy verdict came about, for the process's log: debug, and a warning for what was
/// skipped.
final class PolicyLog {
  private static final Logger LOG = LoggerFactory.getLogger("rbac");

  private PolicyLog() {}

  static void log(PolicyEvaluation evaluation) {
    for (var step : evaluation.steps()) {
      if (step.kind() == PolicyStep.Kind.UNKNOWN_POLICY) {
        LOG.warn("{} {}", step.text(), step.policy());
      } else if (LOG.isDebugEnabled()) {
        LOG.atDebug().addKeyValue("policy", step.policy()).log(step.text());
      }
    }
  }
}
