package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.pool.PoolSettings;
import java.util.Set;

/// How pods are served, the same for all of a node. Immutable.
///
/// `reusePort` lets an old and a new process listen side by side during an upgrade; `packetMark` is
/// what the redirect rules know our own packets by (0: none).
public record PodSettings(
    String network,
    boolean ipv6,
    SourceAddress sourceAddress,
    boolean loopbackTunnels,
    boolean peerMetadata,
    SocketOptions sockets,
    int packetMark,
    boolean reusePort,
    PoolSettings pool) {
  /// Where redirected connections of a pod arrive.
  public static final int OUTBOUND_PORT = 15001;

  /// Where plain text for a pod arrives.
  public static final int PLAINTEXT_PORT = 15006;

  /// Where tunnels for a pod arrive.
  public static final int HBONE_PORT = 15008;

  /// Ports that lead back into the proxy.
  public static final Set<Integer> OWN_PORTS = Set.of(OUTBOUND_PORT, PLAINTEXT_PORT, HBONE_PORT);

  /// Whether an application sees its client's address: `ENABLE_ORIG_SRC`.
  public enum SourceAddress {
    /// It must; a pod where it cannot is not served.
    PRESERVED,
    /// If the process may.
    BEST_EFFORT,
    /// It sees the proxy's.
    OWN
  }
}
