package dev.kiri.mesh.policy;

/// What happens to a connection that a policy matches.
public enum PolicyAction {
  ALLOW,
  DENY
}
