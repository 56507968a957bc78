package dev.kiri.waypoint.route;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One compiled rule: what happens to a request that matched.
///
/// @param requestTimeout null: none; from the request's arrival to the last byte of the response
/// @param backendTimeout null: none; one try
/// @param broken why the rule cannot be honoured: its requests are answered 500
public record HttpRule(
    RuleName name,
    HeaderEdits requestHeaders,
    HeaderEdits responseHeaders,
    @Nullable Redirect redirect,
    @Nullable Rewrite rewrite,
    @Nullable CorsRules cors,
    @Nullable DirectResponse direct,
    @Nullable Fault fault,
    List<Mirror> mirrors,
    WeightedBackends backends,
    @Nullable Duration requestTimeout,
    @Nullable Duration backendTimeout,
    @Nullable RetryRules retry,
    @Nullable SessionRules session,
    @Nullable String broken) {

  /// A share of requests also sent elsewhere, the answer unheard.
  ///
  /// @param share in [0, 1]
  public record Mirror(Backend.OfService backend, double share) {}

  public HttpRule {
    mirrors = List.copyOf(mirrors);
  }

  /// A rule that answers 500 and says why.
  public static HttpRule broken(RuleName name, String why) {
    return new HttpRule(
        name,
        HeaderEdits.NONE,
        HeaderEdits.NONE,
        null,
        null,
        null,
        null,
        null,
        List.of(),
        WeightedBackends.NONE,
        null,
        null,
        null,
        null,
        why);
  }
}
