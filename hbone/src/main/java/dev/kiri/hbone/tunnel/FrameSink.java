package dev.kiri.hbone.tunnel;

import io.netty.buffer.ByteBuf;

/// What a [FrameReader] understood. Buffers are borrowed for the call.
interface FrameSink {

  /// A DATA frame begins; `flowControlled` counts padding too. Its bytes follow in [#data].
  void dataBegins(int stream, int flowControlled) throws TunnelError;

  /// Bytes of the DATA frame that began last.
  void data(int stream, ByteBuf bytes) throws TunnelError;

  /// All bytes of the DATA frame were seen.
  void dataEnds(int stream, boolean endStream) throws TunnelError;

  /// A complete header block.
  void headers(int stream, ByteBuf block, boolean endStream) throws TunnelError;

  void reset(int stream, int code) throws TunnelError;

  /// One SETTINGS frame; called for each parameter, then [#settingsEnd].
  void setting(int id, long value) throws TunnelError;

  void settingsEnd() throws TunnelError;

  void settingsAck() throws TunnelError;

  void ping(boolean ack, long payload) throws TunnelError;

  void goAway(int lastStream, int code, String debug) throws TunnelError;

  void windowUpdate(int stream, int increment) throws TunnelError;

  /// A frame that means nothing here: PRIORITY or an unknown type.
  void ignored(int type) throws TunnelError;
}
