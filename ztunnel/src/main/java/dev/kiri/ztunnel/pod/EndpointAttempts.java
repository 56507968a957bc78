package dev.kiri.ztunnel.pod;

import dev.kiri.ztunnel.balance.EndpointKey;
import dev.kiri.ztunnel.balance.EndpointWatch;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import dev.kiri.ztunnel.outbound.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The endpoints that one connection tries, one after the other; tells the node's watch how they
/// fare. Confined to the connection's loop.
final class EndpointAttempts {
  private final EndpointWatch watch;
  private final List<EndpointKey> tried = new ArrayList<>(0);
  private String source = "";
  private @Nullable EndpointKey current;

  EndpointAttempts(EndpointWatch watch) {
    this.watch = watch;
  }

  /// The connection is this workload's.
  void of(String sourceUid) {
    source = sourceUid;
  }

  /// The connection counts as one to this endpoint until [#release].
  void begin(@Nullable EndpointKey endpoint) {
    current = endpoint;
    if (endpoint != null) {
      watch.opened(endpoint);
    }
  }

  void succeeded() {
    if (current != null) {
      watch.succeeded(source, current);
    }
  }

  /// The connection counts no more; repeating changes nothing.
  void release() {
    if (current != null) {
      watch.closed(current);
      current = null;
    }
  }

  /// The current endpoint is at fault. Answers the new decision if the connection may be repeated,
  /// it leads to one that was not tried, and there is still time; else null.
  @Nullable OutboundDecision after(
      Duration sinceArrival, boolean mayRepeat, Supplier<OutboundDecision> decide) {
    var failed = current;
    if (failed == null) {
      return null;
    }
    watch.failed(source, failed);
    tried.add(failed);
    if (!mayRepeat || !Retry.mayGoOn(tried, sinceArrival)) {
      return null;
    }
    var next = decide.get();
    return Retry.elsewhere(next, tried) ? next : null;
  }
}
