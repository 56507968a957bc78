package dev.kiri.waypoint.upstream;

import dev.kiri.waypoint.head.HeaderName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How endpoints of a service's port, or of a subset of them, are chosen and spared. Immutable.
///
/// @param hash null: by `balancing`
/// All bounds count for the whole process; 0: no limit.
///
/// @param maxConnections to the endpoints; requests for which there is none wait
/// @param maxPending requests without a connection that is open
/// @param maxRequests under way at a time
/// @param maxRetries tries after the first that are under way
/// @param budget in place of `maxRetries`; null: none
/// @param maxRequestsPerConnection 0: no limit
/// @param tcpIdle how long a connection of bytes may be silent; null: the proxy's own; zero:
/// without
///     end
/// @param locality null: nothing is said about where endpoints run
/// @param warmup null: a new endpoint gets its whole share at once
/// @param outliers null: endpoints are not left out
/// @param saysTls whether anything is said about TLS, if only that there is to be none
/// @param refused why nothing may be sent; null: it may
public record TrafficPolicy(
    Balancing balancing,
    @Nullable HashKey hash,
    @Nullable LocalityRules locality,
    Warmth.@Nullable Rules warmup,
    int maxConnections,
    int maxPending,
    int maxRequests,
    int maxRetries,
    @Nullable RetryBudget budget,
    int maxRequestsPerConnection,
    Upgrade upgrade,
    @Nullable Duration tcpIdle,
    @Nullable Outliers outliers,
    ConnectionRules connections,
    boolean saysTls,
    @Nullable String refused) {
  /// Nothing was said.
  public static final TrafficPolicy NONE =
      new TrafficPolicy(
          Balancing.LEAST_REQUEST,
          null,
          null,
          null,
          0,
          0,
          0,
          0,
          null,
          0,
          Upgrade.AS_DECLARED,
          null,
          null,
          ConnectionRules.NONE,
          false,
          null);

  /// Nothing may be sent.
  public static TrafficPolicy refusing(String why) {
    return new TrafficPolicy(
        Balancing.LEAST_REQUEST,
        null,
        null,
        null,
        0,
        0,
        0,
        0,
        null,
        0,
        Upgrade.AS_DECLARED,
        null,
        null,
        ConnectionRules.NONE,
        true,
        why);
  }

  /// The same with TLS, or with a reason why nothing may be sent, where nothing is said about it.
  public TrafficPolicy filled(@Nullable EndpointTls tls, @Nullable String why) {
    return saysTls
        ? this
        : new TrafficPolicy(
            balancing,
            hash,
            locality,
            warmup,
            maxConnections,
            maxPending,
            maxRequests,
            maxRetries,
            budget,
            maxRequestsPerConnection,
            upgrade,
            tcpIdle,
            outliers,
            connections.with(tls),
            true,
            why);
  }

  /// Whether anything is counted.
  boolean isBounded() {
    return budget != null || (maxConnections | maxPending | maxRequests | maxRetries) != 0;
  }

  /// Takes the right to a further try; false: too many are under way.
  public boolean takeRetry(Load load) {
    if (budget == null) {
      return load.retries().take(maxRetries);
    }
    int share = (int) (load.requests.now() * budget.percent() / 100);
    int limit = Math.max(budget.minimum(), share);
    return limit > 0 && load.retries().take(limit);
  }

  /// A share of the requests under way, and at least a number.
  public record RetryBudget(double percent, int minimum) {}

  /// How an endpoint is chosen where no key decides.
  public enum Balancing {
    LEAST_REQUEST,
    ROUND_ROBIN,
    RANDOM
  }

  /// Which HTTP is spoken to endpoints.
  public enum Upgrade {
    AS_DECLARED,
    TO_HTTP2,
    TO_HTTP1,
    AS_CLIENT
  }

  /// What decides about the endpoint.
  public sealed interface HashKey {
    record Header(HeaderName name) implements HashKey {}

    /// @param ttl null: a missing cookie is not given; zero: for the client's session
    record Cookie(String name, String path, @Nullable Duration ttl) implements HashKey {}

    record QueryParameter(String name) implements HashKey {}

    record SourceAddress() implements HashKey {}
  }

  /// When an endpoint is left out for a while; a counter of 0 is off.
  public record Outliers(
      int consecutive5xx,
      int consecutiveGateway,
      boolean splitLocal,
      int consecutiveLocal,
      Duration interval,
      Duration baseEjection,
      int maxPercent,
      int minHealthPercent) {}
}
