package dev.kiri.redirect.netns;

/// What every socket made inside a pod carries.
///
/// @param packetMark `SO_MARK`, by which the rules know the proxy's own packets; 0 sets none
/// @param reusePort whether listeners and datagram sockets may share their port with those of
/// another ztunnel
public record SocketSettings(int packetMark, boolean reusePort) {
  /// Upstream's mark of every ztunnel socket.
  public static final int ZTUNNEL_MARK = 1337;

  /// Upstream's settings: mark 1337, ports shared during an upgrade.
  public static SocketSettings ofZtunnel() {
    return new SocketSettings(ZTUNNEL_MARK, true);
  }
}
