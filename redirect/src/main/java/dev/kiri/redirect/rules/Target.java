package dev.kiri.redirect.rules;

/// What a rule does with a packet that meets its conditions.
public sealed interface Target {
  /// Goes on in one of our chains.
  record Jump(RuleChain chain) implements Target {}

  /// To a port of this pod.
  record Redirect(int port) implements Target {}

  /// Leaves the table's hook as it is.
  record Accept() implements Target {}

  /// Leaves the chain.
  record Return() implements Target {}

  /// Remembers the mark on the connection, within [Marks#MASK].
  record MarkConnection(int mark) implements Target {}

  /// Gives the packet the connection's mark.
  record RestoreMark() implements Target {}

  /// Tracks the packet apart from all others.
  record ConntrackZone(int zone) implements Target {}
}
