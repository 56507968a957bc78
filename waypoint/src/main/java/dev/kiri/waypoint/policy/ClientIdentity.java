package dev.kiri.waypoint.policy;

import dev.kiri.hbone.identity.SpiffeId;

/// A client's identity with the texts that policies compare, made once per tunnel.
///
/// @param principal without `spiffe://`
public record ClientIdentity(
    SpiffeId id, String principal, String trustDomain, String namespace, String serviceAccount) {
  public static ClientIdentity of(SpiffeId id) {
    String uri = id.uri();
    return new ClientIdentity(
        id,
        uri.substring("spiffe://".length()),
        id.trustDomain().name(),
        id.namespace(),
        id.serviceAccount());
  }
}
