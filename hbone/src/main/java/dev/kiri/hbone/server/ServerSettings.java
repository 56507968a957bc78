package dev.kiri.hbone.server;

import dev.kiri.hbone.tunnel.TunnelSettings;

/// How a server treats its tunnels. Immutable.
public record ServerSettings(TunnelSettings tunnel) {
  public static final ServerSettings DEFAULT = new ServerSettings(TunnelSettings.DEFAULT);
}
