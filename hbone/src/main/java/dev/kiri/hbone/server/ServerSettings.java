package dev.kiri.hbone.server;

import dev.kiri.hbone.tunnel.TunnelSettings;
import java.time.Duration;

/// How a server treats its tunnels. Immutable.
///
/// @param firstRequest how long a tunnel may stand before its first request: clients open one when
/// they have something to ask, so that one without is a peer that only takes a place
public record ServerSettings(TunnelSettings tunnel, Duration firstRequest) {
  public static final ServerSettings DEFAULT = new ServerSettings(TunnelSettings.DEFAULT);

  /// With six times the patience of a handshake for the first request.
  public ServerSettings(TunnelSettings tunnel) {
    this(tunnel, tunnel.handshakeTimeout().multipliedBy(6));
  }
}
