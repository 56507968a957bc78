package dev.kiri.waypoint.http;

/// The end of a byte stream that leads to an endpoint. Confined to the stream's loop.
public interface EndpointSide extends StreamSide {
  /// The stream could not be opened, or broke. Nothing follows.
  void fail(UpstreamFailure failure);
}
