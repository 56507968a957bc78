/// Authorisation at layer 4: whether a connection may reach a workload, and why.
///
/// [dev.kiri.mesh.policy.L4Authorizer] is the one entry: a pure function from the applicable
/// policies and the facts of a connection to a verdict with its steps. Mirrors istio/ztunnel
/// `src/rbac.rs`, except that a condition that cannot be read fails closed: it never lets an ALLOW
/// policy allow, and always lets a DENY policy deny.
@NullMarked
package dev.kiri.mesh.policy;

import org.jspecify.annotations.NullMarked;
