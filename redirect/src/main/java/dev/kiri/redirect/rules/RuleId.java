package dev.kiri.redirect.rules;

/// The rules of a pod, in the order in which they are written (istio `tools/istio-iptables` and
/// `tools/istio-nftables`): M mangle, N the jumps of nat, R raw, P what arrives, O what leaves.
public enum RuleId {
  M1,
  M2,
  N1,
  R1,
  R2,
  N2,
  P1,
  P2,
  M3,
  P3,
  O1,
  P4,
  M4,
  O2,
  O3,
  R3,
  R4,
  O4,
  O5,
  O6
}
