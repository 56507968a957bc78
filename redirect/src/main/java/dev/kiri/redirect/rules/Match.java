package dev.kiri.redirect.rules;

import java.net.InetAddress;

/// One condition of a rule.
public sealed interface Match {
  /// Arrived on this interface.
  record ArrivedOn(InterfaceName name) implements Match {}

  /// Leaves on the loopback interface, or on any other.
  record LeavesOnLoopback(boolean yes) implements Match {}

  /// Any TCP packet.
  record Tcp() implements Match {}

  /// A TCP packet that begins a connection. Without it, the packets of connections older than the
  /// rules would be redirected to a listener that knows nothing of them, and be reset.
  record TcpBegin() implements Match {}

  record From(InetAddress address) implements Match {}

  record To(InetAddress address) implements Match {}

  record NotTo(InetAddress address) implements Match {}

  record ToPort(Transport transport, int port) implements Match {}

  record NotToPort(Transport transport, int port) implements Match {}

  record FromPort(Transport transport, int port) implements Match {}

  /// The packet's mark, within [Marks#MASK], is or is not this.
  record PacketMark(int mark, boolean equal) implements Match {}

  /// The connection's mark, within [Marks#MASK], is this.
  record ConnectionMark(int mark) implements Match {}

  /// Protocols with ports.
  enum Transport {
    TCP,
    UDP
  }
}
