package dev.kiri.hbone;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/// One CONNECT stream of a tunnel: raw bytes of one application connection in both directions.
///
/// Confined to [#loop()]: every call, and every call to the [StreamHandler], happens there. Calls
/// on a stream that has closed are ignored; [#write] then takes nothing and answers false.
public interface HboneStream {

  EventLoop loop();

  /// Sends bytes as DATA. Consumes (advances the reader index) what the flow-control windows and
  /// the bound on sealed output allow, and answers whether everything was consumed. After false the
  /// rest stays with the caller, who goes on at [StreamHandler#writable()].
  ///
  /// The buffer is borrowed until the call returns. Bytes leave at the end of the loop's turn, one
  /// flush for all streams of the tunnel.
  boolean write(ByteBuf data);

  /// Like [#write], for memory that the caller gives up: the nine bytes in front of the reader
  /// index (if there are as many) and everything consumed may be overwritten. Saves one copy for
  /// long writes.
  default boolean writeScratch(ByteBuf data) {
    return write(data);
  }

  /// Bytes that [#write] would take now: 0 or more, bounded by the windows and the tunnel's output.
  int writableBytes();

  /// Whether [#write] would take at least one byte now.
  default boolean isWritable() {
    return writableBytes() > 0;
  }

  /// Ends the sending direction: END_STREAM after everything that was written. The receiving
  /// direction goes on. A second call is ignored.
  void end();

  /// Ends both directions at once with RST_STREAM. The handler hears `closed`, before this call
  /// returns or soon after.
  void reset(int h2ErrorCode);

  /// Gives back flow-control credit for received bytes that have gone where they were bound for.
  /// Until then they count against the stream's window, which is what stops a sender whose reader
  /// stalls.
  void acknowledge(int bytes);

  /// The verified other end of the tunnel.
  TunnelPeer peer();

  /// The local end's number of this stream (RFC 9113 5.1.1), for logs.
  int id();
}
