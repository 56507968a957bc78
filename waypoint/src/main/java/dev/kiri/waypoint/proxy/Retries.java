package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.http.UpstreamFailure.Kind;
import dev.kiri.waypoint.route.RetryRules;
import dev.kiri.waypoint.route.RetryRules.On;
import dev.kiri.waypoint.upstream.Load;
import dev.kiri.waypoint.upstream.TrafficPolicy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Whether a request is tried again. Counts the tries of one request; decides, does nothing.
///
/// A connection that had been used before and was closed without a byte is not counted: one more
/// try of a repeatable request on a fresh one.
final class Retries {
  /// Without rules of its own a request is tried twice more (waypoint reference 11.1).
  private static final RetryRules DEFAULT =
      new RetryRules(
          EnumSet.of(On.CONNECT_FAILURE, On.REFUSED_STREAM, On.UNAVAILABLE, On.CANCELLED),
          List.of(),
          2,
          Duration.ofMillis(25),
          Duration.ZERO,
          true);

  private static final HeaderName OVERLOADED = HeaderName.of("x-envoy-overloaded");
  private static final HeaderName RATE_LIMITED = HeaderName.of("x-envoy-ratelimited");
  private static final List<ByteText> IDEMPOTENT =
      List.of(
          ByteText.of("GET"),
          ByteText.of("HEAD"),
          ByteText.of("PUT"),
          ByteText.of("DELETE"),
          ByteText.of("OPTIONS"),
          ByteText.of("TRACE"));

  private RetryRules rules = DEFAULT;
  private int left = DEFAULT.attempts();
  private int done;
  private boolean staleTried;
  private boolean exhausted;
  private boolean overflown;
  private @Nullable Load load;
  private TrafficPolicy policy = TrafficPolicy.NONE;
  private boolean held;

  void ruled(@Nullable RetryRules asked) {
    rules = asked == null ? DEFAULT : asked;
    left = rules.attempts();
  }

  /// @param replayable whether everything received of the request can be sent again
  boolean afterFailure(UpstreamFailure failure, Head head, boolean replayable) {
    if (!replayable || failure.kind() == Kind.OVERFLOW || failure.kind() == Kind.PROTOCOL) {
      return false;
    }
    if (failure.kind() == Kind.CLOSED && failure.untouched()) {
      boolean again = !staleTried && isIdempotent(head);
      staleTried = true;
      return again;
    }
    return asksFor(failure) && take();
  }

  private boolean asksFor(UpstreamFailure failure) {
    Set<On> on = rules.on();
    return onNoAnswer()
        || (failure.untouched() && on.contains(On.RESET_BEFORE_REQUEST))
        || switch (failure.kind()) {
          case CONNECT_FAILED, CONNECT_TIMEOUT -> on.contains(On.CONNECT_FAILURE);
          case REFUSED_STREAM -> on.contains(On.REFUSED_STREAM);
          case CLOSED, RESET, PROTOCOL, OVERFLOW -> false;
        };
  }

  private boolean onNoAnswer() {
    return rules.on().contains(On.RESET)
        || rules.on().contains(On.FIVE_XX)
        || rules.on().contains(On.GATEWAY_ERROR);
  }

  boolean afterAnswer(Head answer, boolean replayable) {
    if (!replayable || !asksFor(answer)) {
      return false;
    }
    boolean limited = answer.has(RATE_LIMITED) && !rules.on().contains(On.ENVOY_RATELIMITED);
    return !limited && !answer.has(OVERLOADED) && take();
  }

  private boolean asksFor(Head answer) {
    if (rules.onStatus(answer.status())
        || (rules.on().contains(On.ENVOY_RATELIMITED) && answer.has(RATE_LIMITED))) {
      return true;
    }
    String grpc = answer.get(HeaderName.GRPC_STATUS);
    return grpc != null && rules.onGrpc(grpc);
  }

  boolean afterTimeout(boolean replayable) {
    return replayable && onNoAnswer() && take();
  }

  private boolean take() {
    if (left == 0) {
      exhausted = done > 0;
      return false;
    }
    Load all = load;
    if (all != null && !held) {
      if (!policy.takeRetry(all)) {
        overflown = true;
        return false;
      }
      held = true;
    }
    left--;
    done++;
    return true;
  }

  /// How many requests may be at a further try is the policy's.
  ///
  /// @param group null where it bounds nothing
  void within(@Nullable Load group, TrafficPolicy bounds) {
    if (!held) {
      load = group;
      policy = bounds;
    }
  }

  /// The request is over.
  void end() {
    Load all = load;
    if (held && all != null) {
      held = false;
      all.retries().release();
    }
  }

  /// Whether one more was not allowed, as too many are under way.
  boolean overflown() {
    return overflown;
  }

  /// For the response flags, behind that of the failure: the last try failed like those before, or
  /// one more was not allowed.
  String flag() {
    return exhausted ? ",URX" : overflown ? ",UO" : "";
  }

  /// Whether an endpoint that was tried is to be avoided.
  boolean otherEndpoint() {
    return rules.otherEndpoint();
  }

  /// Drawn below a bound that doubles up to ten times the base.
  long pauseNanos() {
    long base = rules.base().toNanos();
    long bound = Math.min(base * ((1L << Math.min(done, 5)) - 1), base * 10);
    return Math.max(
        rules.least().toNanos(), ThreadLocalRandom.current().nextLong(Math.max(1, bound)));
  }

  private static boolean isIdempotent(Head head) {
    for (int i = 0; i < IDEMPOTENT.size(); i++) {
      if (head.is(head.method(), IDEMPOTENT.get(i))) {
        return true;
      }
    }
    return false;
  }
}
