package dev.kiri.controlplane.caller;

/// What a token is worth.
public sealed interface TokenVerdict {
  /// It proves this caller.
  record Proven(Caller caller) implements TokenVerdict {}

  /// It proves nothing, for this reason. The token itself is never part of the text.
  record Worthless(String reason) implements TokenVerdict {}
}
