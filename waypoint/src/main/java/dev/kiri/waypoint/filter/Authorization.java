package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.policy.PolicyDecision;
import org.jspecify.annotations.Nullable;

/// Lets pass what the service's policies allow; the answer names no policy, the log does.
final class Authorization implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    PolicyDecision decision = context.service().policies().decide(context.facts());
    context.authorized(decision);
    return decision instanceof PolicyDecision.Allowed
        ? null
        : LocalReply.of(403, "RBAC: access denied", decision.details(), "-");
  }
}
