package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.http.UpstreamFailure.Kind;
import dev.kiri.waypoint.route.HttpRule;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Whether a request is tried again. Counts the tries of one request; decides, does nothing.
///
/// Without a rule of its own a request is tried twice more when the endpoint could not be reached
/// or refused the stream (upstream's default). A connection that had been used before and was
/// closed without a byte is not counted: one more try of a repeatable request on a fresh one.
final class Retries {
  private static final int DEFAULT_ATTEMPTS = 2;
  private static final long DEFAULT_PAUSE = 25_000_000;
  private static final List<ByteText> IDEMPOTENT =
      List.of(
          ByteText.of("GET"),
          ByteText.of("HEAD"),
          ByteText.of("PUT"),
          ByteText.of("DELETE"),
          ByteText.of("OPTIONS"),
          ByteText.of("TRACE"));

  private HttpRule.@Nullable RetryRules rules;
  private int left = DEFAULT_ATTEMPTS;
  private int done;
  private boolean staleTried;
  private boolean exhausted;

  void ruled(HttpRule.@Nullable RetryRules asked) {
    rules = asked;
    left = asked == null ? DEFAULT_ATTEMPTS : asked.attempts();
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
    return (failure.untouched() || rules != null) && take();
  }

  boolean afterStatus(int status, boolean replayable) {
    HttpRule.RetryRules asked = rules;
    return asked != null && replayable && asked.codes().contains(status) && take();
  }

  boolean afterTimeout(boolean replayable) {
    return rules != null && replayable && take();
  }

  private boolean take() {
    if (left == 0) {
      exhausted = done > 0;
      return false;
    }
    left--;
    done++;
    return true;
  }

  /// Whether the last try failed like those before.
  boolean exhausted() {
    return exhausted;
  }

  /// Drawn from the upper half of a bound that doubles up to ten times the base.
  long pauseNanos() {
    HttpRule.RetryRules asked = rules;
    long base = asked == null ? DEFAULT_PAUSE : asked.backoff().toNanos();
    long bound = Math.min(base * ((1L << Math.min(done, 5)) - 1), base * 10);
    long least = asked == null ? 0 : base;
    return Math.max(least, ThreadLocalRandom.current().nextLong(Math.max(1, bound)));
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
