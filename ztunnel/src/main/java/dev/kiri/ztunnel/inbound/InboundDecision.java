package dev.kiri.ztunnel.inbound;

import dev.kiri.mesh.policy.PolicyEvaluation;
import dev.kiri.mesh.policy.PolicyVerdict;

/// What is to be done with a connection that arrived for a pod. Immutable.
public sealed interface InboundDecision {

  /// Connect it to the application along the route.
  record Admitted(InboundRoute route, PolicyEvaluation evaluation) implements InboundDecision {}

  /// A policy refuses it.
  record Denied(InboundRoute route, PolicyVerdict.Denied verdict, PolicyEvaluation evaluation)
      implements InboundDecision {}

  /// It asks for something that cannot be had; a tunnel answers with [InboundRefusal#status].
  record Rejected(InboundRefusal why) implements InboundDecision {}
}
