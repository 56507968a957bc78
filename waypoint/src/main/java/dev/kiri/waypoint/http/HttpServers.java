package dev.kiri.waypoint.http;

import dev.kiri.hbone.HboneStream;

/// Makes the client's side of a stream that speaks HTTP.
public final class HttpServers {
  private HttpServers() {}

  public static StreamSide http1(HboneStream stream, StreamOutput out, RequestReceiver receiver) {
    return new Http1Server(stream, out, receiver);
  }

  public static StreamSide http2(HboneStream stream, StreamOutput out, RequestReceiver receiver) {
    return new Http2Server(stream, out, receiver);
  }
}
