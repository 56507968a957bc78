package dev.kiri.waypoint.route;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// When a try is repeated.
///
/// @param on conditions; those of the Gateway API are every failure to get an answer
/// @param codes status codes of answers
/// @param attempts tries after the first
/// @param base of the bound that the wait before a try is drawn from
/// @param least wait before a try
/// @param otherEndpoint whether an endpoint that failed is avoided
public record RetryRules(
    Set<On> on,
    List<Integer> codes,
    int attempts,
    Duration base,
    Duration least,
    boolean otherEndpoint) {
  /// Upstream's conditions (waypoint reference 11.3).
  public enum On {
    FIVE_XX("5xx"),
    GATEWAY_ERROR("gateway-error"),
    RESET("reset"),
    RESET_BEFORE_REQUEST("reset-before-request"),
    CONNECT_FAILURE("connect-failure"),
    REFUSED_STREAM("refused-stream"),
    RETRIABLE_4XX("retriable-4xx"),
    RETRIABLE_STATUS_CODES("retriable-status-codes"),
    ENVOY_RATELIMITED("envoy-ratelimited"),
    CANCELLED("cancelled"),
    DEADLINE_EXCEEDED("deadline-exceeded"),
    INTERNAL("internal"),
    RESOURCE_EXHAUSTED("resource-exhausted"),
    UNAVAILABLE("unavailable");

    private final String token;

    On(String token) {
      this.token = token;
    }

    public String token() {
      return token;
    }
  }

  public RetryRules {
    on = Set.copyOf(on);
    codes = List.copyOf(codes);
  }

  /// Whether a `grpc-status` in the head of an answer is repeated.
  public boolean onGrpc(String status) {
    return switch (status) {
      case "1" -> on.contains(On.CANCELLED);
      case "4" -> on.contains(On.DEADLINE_EXCEEDED);
      case "8" -> on.contains(On.RESOURCE_EXHAUSTED);
      case "13" -> on.contains(On.INTERNAL);
      case "14" -> on.contains(On.UNAVAILABLE);
      default -> false;
    };
  }

  /// Whether an answer of that status is repeated.
  public boolean onStatus(int status) {
    return codes.contains(status)
        || (status >= 500 && on.contains(On.FIVE_XX))
        || ((status == 502 || status == 503 || status == 504) && on.contains(On.GATEWAY_ERROR))
        || (status == 409 && on.contains(On.RETRIABLE_4XX));
  }
}
