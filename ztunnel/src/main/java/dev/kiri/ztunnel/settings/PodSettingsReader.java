package dev.kiri.ztunnel.settings;

import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.tunnel.TunnelSettings;
import dev.kiri.ops.settings.Settings;
import dev.kiri.ztunnel.pod.PodSettings;
import dev.kiri.ztunnel.pod.PodSettings.SourceAddress;
import dev.kiri.ztunnel.pod.SocketOptions;
import java.time.Duration;

/// Reads what concerns the pods' sockets and tunnels.
final class PodSettingsReader {
  private static final int UPSTREAM_MARK = 1337;

  private PodSettingsReader() {}

  static PodSettings read(Settings env, ProxyMode mode) {
    int usualMark =
        switch (mode) {
          case ProxyMode.Shared() -> UPSTREAM_MARK;
          case ProxyMode.Dedicated _ -> 0;
        };
    return new PodSettings(
        env.text("NETWORK", ""),
        env.flag("IPV6_ENABLED", true),
        sourceAddress(env),
        env.flag("LOCALHOST_APP_TUNNEL", true),
        env.flag("ENABLE_RESPONSE_BAGGAGE", true),
        sockets(env),
        env.integer("PACKET_MARK", usualMark, 0, Integer.MAX_VALUE),
        env.flag("INPOD_PORT_REUSE", true),
        env.integer("KIRI_POD_MAX_CONNECTIONS", 20_000, 1, Integer.MAX_VALUE),
        env.flag("ENABLE_PROXY", true),
        env.flag("UNSTABLE_ENABLE_SOCKS5", false),
        env.flag("AUTHZ_POLICY_INFO_LOGGING", false),
        pool(env));
  }

  private static SourceAddress sourceAddress(Settings env) {
    var original = env.optionalFlag("ENABLE_ORIG_SRC");
    if (original == null) {
      return SourceAddress.BEST_EFFORT;
    }
    return original ? SourceAddress.PRESERVED : SourceAddress.OWN;
  }

  private static SocketOptions sockets(Settings env) {
    var usual = SocketOptions.DEFAULT;
    return new SocketOptions(
        env.flag("KEEPALIVE_ENABLED", usual.keepAlive()),
        env.duration("KEEPALIVE_TIME", usual.idle()),
        env.duration("KEEPALIVE_INTERVAL", usual.interval()),
        env.integer("KEEPALIVE_RETRIES", usual.probes(), 1, 127),
        env.flag("USER_TIMEOUT_ENABLED", usual.userTimeout()));
  }

  private static PoolSettings pool(Settings env) {
    var usual = PoolSettings.DEFAULT;
    int streams =
        env.integer(
            "POOL_MAX_STREAMS_PER_CONNECTION", usual.maxStreamsPerTunnel(), 1, Integer.MAX_VALUE);
    Duration unused = env.duration("POOL_UNUSED_RELEASE_TIMEOUT", usual.unusedRelease());
    return usual
        .withTunnel(tunnel(env))
        .withMaxStreamsPerTunnel(streams)
        .withTimes(usual.connectTimeout(), usual.openTimeout(), unused);
  }

  private static TunnelSettings tunnel(Settings env) {
    return TunnelSettings.DEFAULT.withWindows(
        env.integer("HTTP2_STREAM_WINDOW_SIZE", 4 << 20, 1 << 14, Integer.MAX_VALUE),
        env.integer("HTTP2_CONNECTION_WINDOW_SIZE", 16 << 20, 1 << 16, Integer.MAX_VALUE),
        env.integer("HTTP2_FRAME_SIZE", 1 << 20, 1 << 14, (1 << 24) - 1));
  }
}
