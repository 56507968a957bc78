package dev.kiri.hbone.pool;

import io.netty.channel.Channel;

/// Makes the socket of a tunnel: in the right network namespace and with its marks set, neither
/// registered nor connected. Called on an event loop; must not block.
@FunctionalInterface
public interface TunnelDialer {
  Channel newChannel();
}
