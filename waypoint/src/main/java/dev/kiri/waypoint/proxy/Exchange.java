package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.filter.Filters;
import dev.kiri.waypoint.filter.LocalReply;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.http.Downstream;
import dev.kiri.waypoint.http.Request;
import dev.kiri.waypoint.http.RequestStart;
import dev.kiri.waypoint.http.Upstream;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.upstream.Target;
import dev.kiri.waypoint.upstream.TargetChoice;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One request from its head to the last byte of its answer.
///
/// Decides first ([RequestDecisions]: route, then the filters, then
/// the endpoint), then acts. Payload is passed on as it comes; credit goes back to whoever sent it
/// only when the other side has taken it. Confined to its loop.
final class Exchange implements Request {
  private static final HeaderName SERVICE_TIME = HeaderName.of("x-envoy-upstream-service-time");

  private final LoopState state;
  private final Downstream downstream;
  private final RequestStart start;
  private final Head head;
  private final RequestLog log;
  private final RequestDecisions decisions;
  private final Retries retries = new Retries();
  private @Nullable Attempt attempt;
  private ReplayBuffer replay = new ReplayBuffer(ReplayBuffer.SMALL_LIMIT);
  private Mirrors mirrors = Mirrors.NONE;

  /// Of the rule's delay, and only behind it of its timeout.
  private @Nullable ScheduledFuture<?> timer;

  private final Set<Target> tried = new HashSet<>();
  private boolean requestEnded;
  private boolean answering;
  private boolean over;
  private int heldFromClient;
  private int heldFromEndpoint;

  Exchange(
      LoopState state,
      Client client,
      Destination destination,
      Downstream downstream,
      RequestStart start) {
    this.state = state;
    this.downstream = downstream;
    this.start = start;
    this.head = start.head();
    this.log = new RequestLog(client, destination, downstream.http2(), head);
    this.decisions = new RequestDecisions(state, client, destination, start, log);
    this.requestEnded = start.end();
  }

  void begin() {
    LocalReply reply = decisions.decide();
    HttpRule rule = reply == null ? decisions.rule() : null;
    if (rule != null) {
      retries.ruled(rule.retry());
      replay =
          new ReplayBuffer(
              rule.retry() == null ? ReplayBuffer.SMALL_LIMIT : ReplayBuffer.RETRY_LIMIT);
      mirrors = Mirrors.start(rule, state, head, decisions.port(), start.end());
      Timeouts.announce(rule, head);
    }
    Duration wait = decisions.delay();
    if (wait == null) {
      goOn(reply);
    } else {
      log.delayed();
      timer = state.after(wait.toNanos(), () -> goOn(reply));
    }
  }

  /// What was decided is done. The route's timeout does not count a delay before.
  private void goOn(@Nullable LocalReply reply) {
    if (over) {
      return;
    }
    timer = null;
    if (reply != null) {
      answer(reply);
      return;
    }
    if (requestEnded) {
      startTimeout();
    }
    nextAttempt(false);
  }

  // ---- towards the endpoint

  private void nextAttempt(boolean fresh) {
    if (over) {
      return;
    }
    switch (decisions.choose(tried)) {
      case TargetChoice.Chosen(Target target) -> attempt(target, fresh);
      case TargetChoice.NoneHealthy() ->
          answer(LocalReply.of(503, "no healthy upstream", "no_healthy_upstream", "UH"));
      case TargetChoice.Unresolved(String host) ->
          state.whenResolved(host, () -> nextAttempt(fresh));
      case TargetChoice.NotResolved(String host, String why) ->
          answer(LocalAnswers.notResolved(host, why));
      case TargetChoice.Misdirected() -> answer(LocalReply.of(404, "", "route_not_found", "NR"));
      case TargetChoice.UnknownService() ->
          answer(LocalReply.of(503, "", "cluster_not_found", "NC"));
      case TargetChoice.Overflow() -> {
        UpstreamFailure full = UpstreamFailure.of(UpstreamFailure.Kind.OVERFLOW, "");
        answer(LocalReply.of(503, full.body(), full.details(), "UO"));
      }
      case TargetChoice.Refused(String why) ->
          answer(
              LocalReply.noBackend(
                  503, "destination_not_honoured{" + why.replace(' ', '_') + "}", "NC"));
    }
  }

  private void attempt(Target target, boolean fresh) {
    if (retries.otherEndpoint()) {
      tried.add(target);
    }
    log.target(target, decisions.backend());
    Attempt current = new Attempt(this, state, target, decisions.destined());
    attempt = current;
    current.over(backendTimeout(current));
    Upstream upstream =
        state
            .connections()
            .open(
                decisions.reached(target),
                decisions.http2(downstream.http2()),
                fresh,
                decisions.requestsPerConnection(),
                current);
    current.upstream(upstream);
    if (current.isOver()) {
      return;
    }
    ByteBuf before = replay.view();
    upstream.send(head, start.end());
    boolean goesOn = before == null || upstream.body(before);
    if (requestEnded && !start.end()) {
      upstream.end();
    }
    if (goesOn) {
      endpointWritable();
    }
  }

  private @Nullable ScheduledFuture<?> backendTimeout(Attempt current) {
    HttpRule rule = decisions.rule();
    Duration limit = rule == null ? null : rule.backendTimeout();
    return limit == null ? null : state.after(limit.toNanos(), () -> tryTimedOut(current));
  }

  private void tryTimedOut(Attempt current) {
    if (over || current != attempt || current.isOver()) {
      return;
    }
    current.cancel();
    if (!answering && retries.afterTimeout(replay.complete())) {
      retryLater();
    } else {
      timedOut("upstream_per_try_timeout");
    }
  }

  private @Nullable Upstream upstream() {
    Attempt current = attempt;
    return current == null ? null : current.upstream();
  }

  private void startTimeout() {
    HttpRule rule = decisions.rule();
    Duration limit = rule == null ? null : rule.requestTimeout();
    if (limit != null && timer == null && !over) {
      timer = state.after(limit.toNanos(), () -> timedOut("response_timeout"));
    }
  }

  private void timedOut(String details) {
    if (over) {
      return;
    }
    if (answering) {
      log.failed("UT", details, "");
      abort();
    } else {
      answer(LocalReply.of(504, "upstream request timeout", details, "UT"));
    }
  }

  // ---- from the client

  @Override
  public void body(ByteBuf payload) {
    int bytes = payload.readableBytes();
    log.received(bytes);
    if (over) {
      downstream.consumed(bytes);
      return;
    }
    mirrors.body(payload);
    Upstream upstream = upstream();
    if (!answering) {
      replay.keep(payload, upstream == null);
    }
    if (upstream == null) {
      heldFromClient += bytes;
    } else if (upstream.body(payload)) {
      downstream.consumed(bytes);
    } else {
      heldFromClient += bytes;
    }
  }

  @Override
  public void end() {
    requestEnded = true;
    mirrors.end();
    Upstream upstream = upstream();
    if (upstream != null) {
      upstream.end();
    }
    startTimeout();
  }

  @Override
  public void trailers(Head trailers) {
    requestEnded = true;
    mirrors.end();
    Upstream upstream = upstream();
    if (upstream != null) {
      replay.giveUp();
      upstream.trailers(trailers);
    }
    startTimeout();
  }

  @Override
  public void clientWritable() {
    releaseAnswer();
  }

  @Override
  public void clientGone() {
    if (!over) {
      log.failed("DC", "downstream_remote_disconnect", "");
      finish();
    }
  }

  // ---- from the endpoint

  void informed(Head interim) {
    if (!answering) {
      downstream.inform(interim);
    }
  }

  void answered(Attempt from, Head answer, boolean end) {
    if (retries.afterAnswer(answer, replay.complete())) {
      from.cancel();
      retryLater();
      return;
    }
    answering = true;
    replay.giveUp();
    log.upstreamMillis(from.millis());
    answer.set(SERVICE_TIME, Long.toString(from.millis()));
    decisions.tell(answer, from.target());
    Filters.response(decisions, answer, false);
    log.answered(answer, "via_upstream");
    downstream.respond(answer, end);
    if (answer.status() == 101) {
      cancelTimer();
    }
    if (end) {
      finish();
    }
  }

  void answerBody(ByteBuf payload) {
    int bytes = payload.readableBytes();
    log.sent(bytes);
    boolean goesOn = downstream.body(payload);
    Upstream upstream = upstream();
    if (goesOn && upstream != null) {
      upstream.consumed(bytes);
    } else {
      heldFromEndpoint += bytes;
    }
  }

  void answerEnd() {
    releaseAnswer();
    downstream.end();
    finish();
  }

  /// The end has come while the client is behind: what it has not read waits in its own output, and
  /// the endpoint's connection must not be short of credit for its next request.
  private void releaseAnswer() {
    Attempt current = attempt;
    if (current != null) {
      current.consumed(heldFromEndpoint);
    }
    heldFromEndpoint = 0;
  }

  void answerTrailers(Head trailers) {
    log.trailers(trailers);
    releaseAnswer();
    downstream.trailers(trailers);
    finish();
  }

  void endpointWritable() {
    if (heldFromClient > 0) {
      int bytes = heldFromClient;
      heldFromClient = 0;
      downstream.consumed(bytes);
    }
  }

  void attemptFailed(Attempt from, UpstreamFailure failure) {
    if (over || from != attempt) {
      return;
    }
    if (answering) {
      log.failed(failure.kind().flag(), failure.afterHeaders(), failure.transport());
      abort();
      return;
    }
    if (retries.afterFailure(failure, head, replay.complete())) {
      boolean stale = failure.kind() == UpstreamFailure.Kind.CLOSED;
      if (stale) {
        tried.remove(from.target());
        state.after(0, () -> nextAttempt(true));
      } else {
        retryLater();
      }
      return;
    }
    log.transportFailure(failure.transport());
    var kind = failure.kind();
    String flag = retries.exhausted() ? kind.flag() + ",URX" : kind.flag();
    answer(LocalReply.of(kind.status(), failure.body(), failure.details(), flag));
  }

  private void retryLater() {
    state.after(retries.pauseNanos(), () -> nextAttempt(false));
  }

  // ---- the end

  /// The proxy's own answer.
  void answer(LocalReply reply) {
    if (over || answering) {
      return;
    }
    answering = true;
    Head own = state.newHead();
    ByteBuf body = LocalAnswers.write(reply, log.isGrpc(), own);
    Filters.response(decisions, own, true);
    log.answered(own, reply.details());
    log.flag(reply.flag());
    log.sent(body.readableBytes());
    boolean empty = !body.isReadable();
    downstream.respond(own, empty);
    if (!empty) {
      downstream.body(body);
      downstream.end();
    }
    state.recycle(own);
    finish();
  }

  private void abort() {
    downstream.abort();
    finish();
  }

  private void cancelTimer() {
    ScheduledFuture<?> waiting = timer;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    cancelTimer();
    mirrors.end();
    Attempt current = attempt;
    if (current != null) {
      current.cancel();
    }
    replay.giveUp();
    endpointWritable();
    state.observer().requestFinished(log.report(decisions.settings().accessLog()));
    state.recycle(head);
  }
}
