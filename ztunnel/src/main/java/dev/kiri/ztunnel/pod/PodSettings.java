package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.ztunnel.inbound.InboundDecider;
import java.util.Set;

/// How pods are served, the same for all of a node. Immutable.
///
/// `reusePort` lets an old and a new process listen side by side during an upgrade; `packetMark` is
/// what the redirect rules know our own packets by (0: none); `maxConnections` is how many accepted
/// connections one pod may have open in each direction. Without `proxy` pods have no ports for
/// connections, with
/// `socks` they have one for SOCKS5 besides. With `policiesAtInfo` the log tells at INFO how
/// policies came to their verdicts, else at DEBUG.
public record PodSettings(
    String network,
    boolean ipv6,
    SourceAddress sourceAddress,
    boolean loopbackTunnels,
    boolean peerMetadata,
    SocketOptions sockets,
    int packetMark,
    boolean reusePort,
    int maxConnections,
    boolean proxy,
    boolean socks,
    boolean policiesAtInfo,
    PoolSettings pool) {
  /// Where redirected connections of a pod arrive.
  public static final int OUTBOUND_PORT = 15001;

  /// Where plain text for a pod arrives.
  public static final int PLAINTEXT_PORT = 15006;

  /// Where tunnels for a pod arrive.
  public static final int HBONE_PORT = 15008;

  /// Where applications may ask for connections by SOCKS5, on loopback.
  public static final int SOCKS_PORT = 15080;

  private static final Set<Integer> ALWAYS = Set.of(OUTBOUND_PORT, PLAINTEXT_PORT, HBONE_PORT);
  private static final Set<Integer> WITH_SOCKS =
      Set.of(OUTBOUND_PORT, PLAINTEXT_PORT, HBONE_PORT, SOCKS_PORT);

  /// Ports that lead back into the proxy.
  public Set<Integer> ownPorts() {
    return socks ? WITH_SOCKS : ALWAYS;
  }

  /// What decides about connections that arrive; `foreignSources` says whether applications may see
  /// their clients' addresses.
  public InboundDecider inbound(boolean foreignSources) {
    return new InboundDecider(
        network,
        ownPorts(),
        new InboundDecider.Sourcing(foreignSources, loopbackTunnels, peerMetadata));
  }

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
