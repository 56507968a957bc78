package dev.kiri.hbone.bridge;

import dev.kiri.hbone.HboneStream;
import io.netty.channel.Channel;

/// Keeps what an accepted channel receives while somebody decides what becomes of it.
///
/// Bytes and FIN can arrive even with reading switched off (the peer's half-close wakes the
/// transport). Hold the channel in its initializer; [StreamBridge#attach] or [TcpBridge#join] takes
/// over later, on the same loop, and misses nothing but what [#forget] says the peer has.
public final class TcpHold {

  /// Stops reading and keeps what still comes.
  public static void attach(Channel channel) {
    TcpSide.hold(channel);
  }

  /// Writes to a stream what a held channel has received by now, as far as the stream takes it, and
  /// keeps it. Answers how many bytes that were.
  public static int tell(Channel channel, HboneStream stream) {
    var side = channel.pipeline().get(TcpSide.class);
    return side == null || !stream.isWritable() ? 0 : side.tell(stream);
  }

  /// Forgets the first bytes of what a held channel has received.
  public static void forget(Channel channel, int bytes) {
    var side = channel.pipeline().get(TcpSide.class);
    if (side != null) {
      side.forget(bytes);
    }
  }

  private TcpHold() {}
}
