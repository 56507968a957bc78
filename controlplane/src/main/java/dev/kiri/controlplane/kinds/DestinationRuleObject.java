package dev.kiri.controlplane.kinds;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A DestinationRule as far as it is honoured.
///
/// @param exportTo as written; none means every namespace
/// @param notHonoured fields with a meaning that is not honoured, each with its path
public record DestinationRuleObject(
    Meta meta,
    String host,
    TrafficPolicy policy,
    List<Subset> subsets,
    List<String> exportTo,
    List<String> notHonoured)
    implements MeshObject {
  /// A named part of the endpoints.
  public record Subset(String name, Map<String, String> labels, TrafficPolicy policy) {}

  /// What is said about traffic; null parts are left to the level above.
  ///
  /// @param proxyProtocol V1, V2 or empty
  /// @param ports policies of single ports, which inherit nothing
  public record TrafficPolicy(
      @Nullable Balancing balancing,
      @Nullable Pool pool,
      @Nullable Outliers outliers,
      @Nullable Tls tls,
      @Nullable RetryBudget retries,
      String proxyProtocol,
      Map<Integer, TrafficPolicy> ports) {
    /// Says nothing.
    public static final TrafficPolicy NONE =
        new TrafficPolicy(null, null, null, null, null, "", Map.of());

    /// This policy, what it leaves open being taken from another one. Ports are this one's.
    public TrafficPolicy over(TrafficPolicy other) {
      return new TrafficPolicy(
          balancing == null ? other.balancing : balancing,
          pool == null ? other.pool : pool,
          outliers == null ? other.outliers : outliers,
          tls == null ? other.tls : tls,
          retries == null ? other.retries : retries,
          proxyProtocol.isEmpty() ? other.proxyProtocol : proxyProtocol,
          ports);
    }
  }

  /// @param percent of the requests under way
  public record RetryBudget(double percent, int minimum) {}

  /// How an endpoint is chosen. `simple` is upstream's word; `hashBy` is empty, HEADER, COOKIE,
  /// SOURCE_IP or QUERY.
  public record Balancing(
      String simple,
      String hashBy,
      String name,
      String path,
      @Nullable Duration ttl,
      @Nullable Locality locality,
      @Nullable Warmup warmup) {}

  /// Where endpoints run: places are `region/zone/subzone`, `*` is anything.
  ///
  /// @param priorities labels, of which only those of topology are there
  public record Locality(
      boolean off,
      List<Distribution> distribute,
      Map<String, String> failover,
      List<String> priorities) {}

  /// @param to places with their shares, which are 100 together
  public record Distribution(String from, Map<String, Integer> to) {}

  /// @param minimum per cent
  public record Warmup(Duration window, double minimum, double aggression) {}

  /// Limits, of which 0 is none, and durations, null where they are left to the proxy.
  ///
  /// @param idle of connections for requests
  /// @param tcpIdle of connections of bytes; zero: without end
  public record Pool(
      int maxConnections,
      int maxPending,
      int maxRequests,
      int maxRequestsPerConnection,
      int maxRetries,
      int maxStreams,
      String upgrade,
      @Nullable Duration connectTimeout,
      @Nullable KeepAlive keepAlive,
      @Nullable Duration idle,
      @Nullable Duration tcpIdle,
      @Nullable Duration maxDuration) {}

  /// Probes of TCP; 0 is the system's own.
  public record KeepAlive(int probes, Duration time, Duration interval) {}

  /// TLS with the endpoint. `mode` is upstream's word; of the rest, empty is absent.
  ///
  /// @param roots a file of the waypoint's, as `certificate` and `key` are
  public record Tls(
      String mode,
      String serverName,
      List<String> names,
      boolean skipVerification,
      String roots,
      String certificate,
      String key,
      String credential) {
    /// Whether the waypoint begins TLS; else the tunnel, or nothing, protects what is sent.
    public boolean originates() {
      return mode.equals("SIMPLE") || mode.equals("MUTUAL");
    }
  }

  /// When an endpoint is left out for a while; null or 0 where a counter is off.
  public record Outliers(
      int consecutive5xx,
      int consecutiveGateway,
      boolean splitLocal,
      int consecutiveLocal,
      Duration interval,
      Duration ejection,
      int maxPercent,
      int minHealthPercent) {}

  @Override
  public Kind kind() {
    return Kind.DESTINATION_RULE;
  }
}
