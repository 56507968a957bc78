package dev.kiri.controlplane.ca;

import dev.kiri.hbone.identity.SpiffeId;

/// Whether a caller may have a certificate for another identity.
public sealed interface Impersonation {
  /// It may have this one.
  record Allowed(SpiffeId identity) implements Impersonation {}

  /// It may not, for this reason, which goes to the log.
  record Refused(String reason) implements Impersonation {}

  /// What it asks for is no identity.
  record Unreadable(String requested) implements Impersonation {}
}
