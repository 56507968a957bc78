package dev.kiri.waypoint.filter;

import org.jspecify.annotations.Nullable;

/// WebSocket may be switched to; CONNECT and every other protocol may not (waypoint reference 6.1).
final class Upgrade implements Filter {
  @Override
  public @Nullable LocalReply request(FilterContext context) {
    String upgrade = context.upgrade();
    boolean refused = context.connect() || (upgrade != null && !upgrade.equals("websocket"));
    return refused ? LocalReply.of(403, "", "upgrade_failed", "-") : null;
  }
}
