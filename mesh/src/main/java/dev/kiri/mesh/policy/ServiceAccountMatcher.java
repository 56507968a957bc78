package dev.kiri.mesh.policy;

import dev.kiri.hbone.identity.SpiffeId;

/// A service account in any trust domain.
public record ServiceAccountMatcher(String namespace, String serviceAccount) {

  public boolean matches(SpiffeId peer) {
    return peer.namespace().equals(namespace) && peer.serviceAccount().equals(serviceAccount);
  }
}
