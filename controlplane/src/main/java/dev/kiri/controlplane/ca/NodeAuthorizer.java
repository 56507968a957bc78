package dev.kiri.controlplane.ca;

import dev.kiri.controlplane.ca.Impersonation.Allowed;
import dev.kiri.controlplane.ca.Impersonation.Refused;
import dev.kiri.controlplane.ca.Impersonation.Unreadable;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.hbone.identity.SpiffeId;
import java.util.Set;

/// Decides whether a node's proxy may act for a workload: only trusted accounts, only in our trust
/// domain (upstream does not compare it), only for identities of pods on the caller's own node.
/// Immutable.
public final class NodeAuthorizer {
  private final Set<String> trustedAccounts;
  private final String trustDomain;
  private final PodView pods;

  /// @param trustedAccounts `namespace/account` of node proxies; none: nobody may impersonate
  public NodeAuthorizer(Set<String> trustedAccounts, String trustDomain, PodView pods) {
    this.trustedAccounts = Set.copyOf(trustedAccounts);
    this.trustDomain = trustDomain;
    this.pods = pods;
  }

  /// Decides about one request.
  public Impersonation decide(Caller caller, String requested) {
    if (!trustedAccounts.contains(caller.account())) {
      return new Refused(caller + " is not a trusted node account");
    }
    SpiffeId identity = SpiffeId.parseOrNull(requested);
    if (identity == null || identity.namespace().isEmpty() || identity.serviceAccount().isEmpty()) {
      return new Unreadable(requested);
    }
    if (!identity.trustDomain().name().equals(trustDomain)) {
      return new Refused(
          "trust domain " + identity.trustDomain() + " is not ours, which is " + trustDomain);
    }
    if (caller.podName().isEmpty()) {
      return new Refused("the token of " + caller + " is not bound to a pod");
    }
    PodView.Facts own = pods.pod(caller.namespace(), caller.podName());
    if (own == null) {
      return new Refused("pod " + caller.namespace() + "/" + caller.podName() + " is not known");
    }
    if (!own.uid().equals(caller.podUid())) {
      return new Refused(
          "pod "
              + caller.podName()
              + " has UID "
              + own.uid()
              + ", the token names "
              + caller.podUid());
    }
    if (!own.serviceAccount().equals(caller.serviceAccount())) {
      return new Refused("pod " + caller.podName() + " runs as " + own.serviceAccount());
    }
    if (own.node().isEmpty()) {
      return new Refused("pod " + caller.podName() + " is not on a node");
    }
    if (!pods.accountRunsOn(identity.namespace(), identity.serviceAccount(), own.node())) {
      return new Refused("no pod of " + identity + " on node " + own.node());
    }
    return new Allowed(identity);
  }
}
