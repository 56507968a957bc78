package dev.kiri.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;

/// Narrows Netty's frame listener to what a proxy's side needs.
abstract class Http2Frames extends Http2FrameAdapter {
  abstract void headers(int stream, Http2Headers headers, boolean end);

  abstract void data(int stream, ByteBuf payload, boolean end);

  abstract void reset(int stream, long code);

  /// The codec is done with a stream: both sides ended it, one of them reset it, or the codec
  /// itself did for what the peer sent.
  abstract void closed(int stream);

  @Override
  public final void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end) {
    headers(id, headers, end);
  }

  @Override
  public final void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end) {
    headers(id, headers, end);
  }

  /// Credit for payload is given back later, when it has gone on; padding is forgotten at once.
  @Override
  public final int onDataRead(
      ChannelHandlerContext ctx, int id, ByteBuf payload, int padding, boolean end) {
    ByteBuf slice = payload.slice();
    data(id, slice, end);
    return padding;
  }

  @Override
  public final void onRstStreamRead(ChannelHandlerContext ctx, int id, long code) {
    reset(id, code);
  }
}
