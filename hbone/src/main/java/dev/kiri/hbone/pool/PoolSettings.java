package dev.kiri.hbone.pool;

import dev.kiri.hbone.tunnel.TunnelSettings;
import java.time.Duration;

/// Bounds of a pool; each counts per event loop. Immutable.
///
/// `maxStreamsPerTunnel` (`POOL_MAX_STREAMS_PER_CONNECTION`) and `unusedRelease`
/// (`POOL_UNUSED_RELEASE_TIMEOUT`, since the last stream was opened) are upstream's.
/// `maxTunnelsPerKey` bounds the tunnels of one key, `maxTunnels` those of all keys, `maxWaiting`
/// the streams that wait for a tunnel of one key, `openTimeout` the wait from the request to its
/// answer, dialling included.
public record PoolSettings(
    TunnelSettings tunnel,
    int maxStreamsPerTunnel,
    int maxTunnelsPerKey,
    int maxTunnels,
    int maxWaiting,
    Duration connectTimeout,
    Duration openTimeout,
    Duration unusedRelease) {

  public static final PoolSettings DEFAULT =
      new PoolSettings(
          TunnelSettings.DEFAULT,
          100,
          256,
          4_096,
          16_384,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5));

  public PoolSettings {
    if (maxStreamsPerTunnel < 1 || maxTunnelsPerKey < 1 || maxTunnels < 1 || maxWaiting < 1) {
      throw new IllegalArgumentException("bounds of a pool must be at least 1");
    }
  }

  public PoolSettings withTunnel(TunnelSettings other) {
    return new PoolSettings(
        other,
        maxStreamsPerTunnel,
        maxTunnelsPerKey,
        maxTunnels,
        maxWaiting,
        connectTimeout,
        openTimeout,
        unusedRelease);
  }

  public PoolSettings withMaxStreamsPerTunnel(int streams) {
    return new PoolSettings(
        tunnel,
        streams,
        maxTunnelsPerKey,
        maxTunnels,
        maxWaiting,
        connectTimeout,
        openTimeout,
        unusedRelease);
  }

  public PoolSettings withTimes(Duration connect, Duration open, Duration unused) {
    return new PoolSettings(
        tunnel,
        maxStreamsPerTunnel,
        maxTunnelsPerKey,
        maxTunnels,
        maxWaiting,
        connect,
        open,
        unused);
  }
}
