package dev.kiri.hbone.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;

/// Turns plaintext into TLS records on the tunnel's socket and back. Confined to the tunnel's loop.
///
/// Two implementations: [DirectRecords] drives BoringSSL over memory, [EngineRecords] leaves the
/// work to Netty's `SslHandler` and any `SSLEngine`.
interface RecordLayer {

  /// Makes the record layer of a tunnel once its context exists.
  @FunctionalInterface
  interface Factory {
    RecordLayer over(ChannelHandlerContext context, Owner owner);
  }

  /// Who takes what was opened, and hears when sealed output has gone.
  interface Owner {
    /// Plaintext in order, borrowed for the call.
    void plaintext(ByteBuf borrowed);

    /// [#room()] has grown after it was used up.
    void drained();

    /// The peer ended TLS, or broke it: `text` says how.
    void recordsEnded(String text);
  }

  /// Plaintext bytes that [#seal] takes now without holding more sealed output than its bound.
  int room();

  /// Seals all readable bytes; borrowed for the call. Exceeding [#room()] is allowed for control
  /// frames, whose amount their sender bounds.
  void seal(ByteBuf plaintext);

  /// Sends what was sealed.
  void flush();

  /// Opens what the socket received. Consumes and releases the buffer.
  void received(ByteBuf sealed);

  /// Says goodbye (close_notify) and sends what is left; nothing may be sealed afterwards. The
  /// answer completes when all of it is in the socket.
  ChannelFuture end();

  /// Gives memory back; the tunnel's channel is closed. Idempotent.
  void release();
}
