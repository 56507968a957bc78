/// Whether a request may pass: AuthorizationPolicy as a waypoint evaluates it.
///
/// [PolicyCompiler] turns the users' texts into conditions once; [PolicyEngine#decide] is a pure
/// function from [PolicyFacts] to a [PolicyDecision] that names policy and rule. Order as upstream:
/// CUSTOM, DENY, ALLOW; any ALLOW policy without a matching rule denies. What cannot be understood
/// denies.
@NullMarked
package dev.kiri.waypoint.policy;

import org.jspecify.annotations.NullMarked;
