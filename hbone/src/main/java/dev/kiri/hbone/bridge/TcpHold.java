package dev.kiri.hbone.bridge;

import io.netty.channel.Channel;

/// Keeps what an accepted channel receives while somebody decides what becomes of it.
///
/// Bytes and FIN can arrive even with reading switched off (the peer's half-close wakes the
/// transport). Hold the channel in its initializer; [StreamBridge#attach] or [TcpBridge#join] takes
/// over later, on the same loop, and misses nothing.
public final class TcpHold {

  /// Stops reading and keeps what still comes.
  public static void attach(Channel channel) {
    TcpSide.hold(channel);
  }

  private TcpHold() {}
}
