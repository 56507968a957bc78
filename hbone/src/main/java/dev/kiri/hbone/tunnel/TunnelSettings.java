package dev.kiri.hbone.tunnel;

import java.time.Duration;

/// Sizes and times of a tunnel, the same for both ends. Defaults are upstream's (istio/ztunnel
/// `src/config.rs`), sizes in bytes. Immutable.
///
/// `streamWindow`, `connectionWindow`, `maxFrameSize`, `maxHeaderList` and `maxStreams` are
/// advertised in SETTINGS; `maxUnacknowledged` bounds the received bytes of all streams of a tunnel
/// that their owners have not acknowledged before the whole tunnel is held (at a fifth of it the
/// windows of the streams become small, see [ReceiveWindows]); `handshakeTimeout`
/// covers TLS and the first SETTINGS.
public record TunnelSettings(
    int streamWindow,
    int connectionWindow,
    int maxFrameSize,
    int maxHeaderList,
    int maxStreams,
    int maxUnacknowledged,
    Duration pingInterval,
    Duration pingTimeout,
    Duration handshakeTimeout,
    Records records) {

  /// How records are sealed and opened after the handshake.
  public enum Records {
    /// BoringSSL driven directly over memory where the engine is BoringSSL, else like [#ENGINE].
    DIRECT,
    /// Netty's `SslHandler` over any `SSLEngine`.
    ENGINE
  }

  public static final TunnelSettings DEFAULT =
      new TunnelSettings(
          4 << 20,
          16 << 20,
          1 << 20,
          65_536,
          200,
          40 << 20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          Records.DIRECT);

  public TunnelSettings {
    require(streamWindow >= 1, "stream window", streamWindow);
    require(connectionWindow >= 65_535, "connection window", connectionWindow);
    require(maxFrameSize >= 16_384 && maxFrameSize <= 16_777_215, "frame size", maxFrameSize);
    require(maxHeaderList >= 1_024, "header list", maxHeaderList);
    require(maxStreams >= 1, "streams", maxStreams);
    require(maxUnacknowledged >= 65_535, "unacknowledged bytes", maxUnacknowledged);
  }

  private static void require(boolean ok, String what, int value) {
    if (!ok) {
      throw new IllegalArgumentException(what + " out of range: " + value);
    }
  }

  public TunnelSettings withWindows(int stream, int connection, int frame) {
    return new TunnelSettings(
        stream,
        connection,
        frame,
        maxHeaderList,
        maxStreams,
        maxUnacknowledged,
        pingInterval,
        pingTimeout,
        handshakeTimeout,
        records);
  }

  public TunnelSettings withMaxStreams(int streams) {
    return new TunnelSettings(
        streamWindow,
        connectionWindow,
        maxFrameSize,
        maxHeaderList,
        streams,
        maxUnacknowledged,
        pingInterval,
        pingTimeout,
        handshakeTimeout,
        records);
  }

  public TunnelSettings withRecords(Records how) {
    return new TunnelSettings(
        streamWindow,
        connectionWindow,
        maxFrameSize,
        maxHeaderList,
        maxStreams,
        maxUnacknowledged,
        pingInterval,
        pingTimeout,
        handshakeTimeout,
        how);
  }

  public TunnelSettings withTimes(Duration ping, Duration pingAnswer, Duration handshake) {
    return new TunnelSettings(
        streamWindow,
        connectionWindow,
        maxFrameSize,
        maxHeaderList,
        maxStreams,
        maxUnacknowledged,
        ping,
        pingAnswer,
        handshake,
        records);
  }
}
