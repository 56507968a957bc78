package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.filter.LocalReply;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.upstream.Target;
import dev.kiri.waypoint.upstream.TargetChoice;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tries of one request: which endpoint is asked, what it is sent, whether another one is asked
/// after it, and with what. Where there is no other, the exchange answers. Confined to its loop.
final class Tries {
  private final Exchange exchange;
  private final LoopState state;
  private final RequestDecisions decisions;
  private final RequestLog log;
  private final Head head;
  private final boolean bodyless;
  private final Retries retries = new Retries();
  private ReplayBuffer replay = new ReplayBuffer(ReplayBuffer.SMALL_LIMIT);
  private Timeouts timeouts = Timeouts.NONE;
  private Set<Target> failed = Set.of();
  private @Nullable Attempt current;
  private boolean requestEnded;
  private boolean closed;

  /// @param bodyless whether the head is all of the request
  Tries(
      Exchange exchange,
      LoopState state,
      RequestDecisions decisions,
      RequestLog log,
      Head head,
      boolean bodyless) {
    this.exchange = exchange;
    this.state = state;
    this.decisions = decisions;
    this.log = log;
    this.head = head;
    this.bodyless = bodyless;
    this.requestEnded = bodyless;
  }

  /// Before the first try.
  void ruled(@Nullable HttpRule rule, Timeouts limits) {
    timeouts = limits;
    if (rule != null) {
      retries.ruled(rule.retry());
      if (rule.retry() != null) {
        replay = new ReplayBuffer(ReplayBuffer.RETRY_LIMIT);
      }
    }
  }

  void next() {
    next(false);
  }

  /// @param fresh never on a connection that was used before
  private void next(boolean fresh) {
    if (closed) {
      return;
    }
    switch (decisions.choose(failed)) {
      case TargetChoice.Chosen(Target target) -> begin(target, fresh);
      case TargetChoice.NoneHealthy() ->
          exchange.answer(LocalReply.of(503, "no healthy upstream", "no_healthy_upstream", "UH"));
      case TargetChoice.Unresolved(String host) -> state.whenResolved(host, () -> next(fresh));
      case TargetChoice.NotResolved(String host, String why) ->
          exchange.answer(LocalAnswers.notResolved(host, why));
      case TargetChoice.Misdirected() ->
          exchange.answer(LocalReply.of(404, "", "route_not_found", "NR"));
      case TargetChoice.UnknownService() ->
          exchange.answer(LocalReply.of(503, "", "cluster_not_found", "NC"));
      case TargetChoice.Overflow() -> {
        UpstreamFailure full = UpstreamFailure.of(UpstreamFailure.Kind.OVERFLOW, "");
        exchange.answer(LocalReply.of(503, full.body(), full.details(), "UO"));
      }
      case TargetChoice.Refused(String why) ->
          exchange.answer(
              LocalReply.noBackend(
                  503, "destination_not_honoured{" + why.replace(' ', '_') + "}", "NC"));
    }
  }

  private void begin(Target target, boolean fresh) {
    log.target(target, decisions.backend());
    Attempt begun = new Attempt(exchange, state, target, decisions.destined());
    current = begun;
    retries.within(begun.load(), decisions.policy());
    Duration limit = timeouts.each();
    if (limit != null) {
      begun.over(state.after(limit.toNanos(), () -> timedOut(begun)));
    }
    Upstream upstream =
        state
            .connections()
            .open(
                decisions.reached(target),
                decisions.http2(),
                fresh,
                decisions.policy(),
                begun.load(),
                begun);
    begun.upstream(upstream);
    if (begun.isOver()) {
      return;
    }
    ByteBuf before = replay.view();
    upstream.send(head, bodyless);
    boolean goesOn = before == null || upstream.body(before);
    if (requestEnded && !bodyless) {
      upstream.end();
    }
    if (goesOn) {
      exchange.endpointWritable();
    }
  }

  private @Nullable Upstream upstream() {
    Attempt known = current;
    return known == null ? null : known.upstream();
  }

  boolean isCurrent(Attempt attempt) {
    return attempt == current;
  }

  // ---- the rest of the request

  /// False: its credit is to be held until [Exchange#endpointWritable()].
  boolean body(ByteBuf payload, boolean answering) {
    Upstream upstream = upstream();
    if (!answering) {
      replay.keep(payload, upstream == null);
    }
    return upstream != null && upstream.body(payload);
  }

  void end() {
    requestEnded = true;
    Upstream upstream = upstream();
    if (upstream != null) {
      upstream.end();
    }
  }

  void trailers(Head trailers) {
    requestEnded = true;
    Upstream upstream = upstream();
    if (upstream != null) {
      replay.giveUp();
      upstream.trailers(trailers);
    }
  }

  // ---- what comes of a try

  /// Whether the request is sent again, in place of passing this answer on.
  boolean again(Attempt from, Head answer) {
    if (!retries.afterAnswer(answer, replay.complete())) {
      if (retries.overflown()) {
        log.flag("UO");
      }
      replay.giveUp();
      return false;
    }
    from.cancel();
    later(from);
    return true;
  }

  /// No answer has begun.
  void failed(Attempt from, UpstreamFailure failure) {
    if (retries.afterFailure(failure, head, replay.complete())) {
      if (failure.kind() == UpstreamFailure.Kind.CLOSED) {
        state.after(0, () -> next(true));
      } else {
        later(from);
      }
      return;
    }
    log.transportFailure(failure.transport());
    var kind = failure.kind();
    String flag = kind.flag() + retries.flag();
    exchange.answer(LocalReply.of(kind.status(), failure.body(), failure.details(), flag));
  }

  private void timedOut(Attempt slow) {
    if (slow != current || slow.isOver()) {
      return;
    }
    slow.cancel();
    if (!exchange.answering() && retries.afterTimeout(replay.complete())) {
      later(slow);
    } else {
      exchange.timedOut("upstream_per_try_timeout");
    }
  }

  private void later(Attempt from) {
    if (retries.otherEndpoint()) {
      if (failed.isEmpty()) {
        failed = new HashSet<>();
      }
      failed.add(from.target());
    }
    state.after(retries.pauseNanos(), () -> next(false));
  }

  /// This many bytes of the answer's payload are in safe hands.
  void consumed(int bytes) {
    Attempt known = current;
    if (known != null) {
      known.consumed(bytes);
    }
  }

  /// Nothing more is wanted of any endpoint.
  void close() {
    closed = true;
    retries.end();
    Attempt known = current;
    if (known != null) {
      known.cancel();
    }
    replay.giveUp();
  }
}
