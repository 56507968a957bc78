package dev.kiri.hbone.proxyprotocol;

/// What the first bytes of a connection are. `length` counts the bytes of the header; what follows
/// is the connection's own. Immutable.
public sealed interface ProxyHeaderRead {

  /// More bytes are needed, at least so many in all.
  record Incomplete(int needed) implements ProxyHeaderRead {}

  /// The connection stands for this one.
  record Relayed(ProxyHeader header, int length) implements ProxyHeaderRead {}

  /// The connection stands for one whose addresses the sender could not express (of two families).
  record Unaddressed(int length) implements ProxyHeaderRead {}

  /// The proxy itself is talking: a health check.
  record Local(int length) implements ProxyHeaderRead {}

  /// Not a header that could be trusted; `why` says what is wrong with it.
  record Malformed(String why) implements ProxyHeaderRead {}
}
