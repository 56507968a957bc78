package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.filter.Filters;
import dev.kiri.waypoint.filter.LocalReply;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.http.Downstream;
import dev.kiri.waypoint.http.Request;
import dev.kiri.waypoint.http.RequestStart;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.route.HttpRule;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One request from its head to the last byte of its answer.
///
/// Decides first ([RequestDecisions]: route, then the filters, then
/// the endpoint), then acts. Payload is passed on as it comes; credit goes back to whoever sent it
/// only when the other side has taken it. Confined to its loop.
final class Exchange implements Request {
  private static final HeaderName SERVICE_TIME = HeaderName.of("x-envoy-upstream-service-time");

  private static final int MAX_INTERIMS = 16;

  /// Of gRPC.
  private static final int DEADLINE_EXCEEDED = 4;

  private final LoopState state;
  private final Downstream downstream;
  private final RequestStart start;
  private final Head head;
  private final RequestLog log;
  private final RequestDecisions decisions;
  private final Tries tries;
  private Timeouts timeouts = Timeouts.NONE;
  private Mirrors mirrors = Mirrors.NONE;

  /// Of the rule's delay, and only behind it of its timeout.
  private @Nullable ScheduledFuture<?> timer;

  private boolean requestEnded;
  private boolean answering;
  private boolean over;
  private int interims;
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
    this.decisions =
        new RequestDecisions(state, client, destination, start, downstream.http2(), log);
    this.tries = new Tries(this, state, decisions, log, head, start.end());
    this.requestEnded = start.end();
  }

  void begin() {
    LocalReply reply = decisions.decide();
    if (reply == null) {
      HttpRule rule = decisions.rule();
      timeouts = Timeouts.of(rule, head, log.isGrpc());
      tries.ruled(rule, timeouts);
      if (rule != null) {
        mirrors = Mirrors.start(rule, state, decisions, head, start.end());
      }
      timeouts.announce(head);
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
    tries.next();
  }

  // ---- the time it may take

  private void startTimeout() {
    Duration limit = timeouts.whole();
    if (limit != null && timer == null && !over) {
      timer = state.after(limit.toNanos(), () -> timedOut("response_timeout"));
    }
  }

  void timedOut(String details) {
    if (over) {
      return;
    }
    if (answering) {
      log.failed("UT", details, "");
      abort();
      return;
    }
    LocalReply late = LocalReply.of(504, "upstream request timeout", details, "UT");
    answer(timeouts.clients() ? late.withGrpcStatus(DEADLINE_EXCEEDED) : late);
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
    if (tries.body(payload, answering)) {
      downstream.consumed(bytes);
    } else {
      heldFromClient += bytes;
    }
  }

  @Override
  public void end() {
    requestEnded = true;
    mirrors.end();
    tries.end();
    startTimeout();
  }

  @Override
  public void trailers(Head trailers) {
    requestEnded = true;
    mirrors.trailers(trailers);
    tries.trailers(trailers);
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

  boolean answering() {
    return answering;
  }

  /// Interim answers pass without a window that would bound them, so their number is.
  void informed(Attempt from, Head interim) {
    if (answering) {
      return;
    }
    if (++interims > MAX_INTERIMS) {
      from.cancel();
      attemptFailed(
          from, UpstreamFailure.of(UpstreamFailure.Kind.PROTOCOL, "too many interim answers"));
    } else {
      downstream.inform(interim);
    }
  }

  void answered(Attempt from, Head answer, boolean end) {
    if (tries.again(from, answer)) {
      return;
    }
    answering = true;
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
    if (downstream.body(payload)) {
      tries.consumed(bytes);
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
    tries.consumed(heldFromEndpoint);
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
    if (over || !tries.isCurrent(from)) {
      return;
    }
    if (answering) {
      log.failed(failure.kind().flag(), failure.afterHeaders(), failure.transport());
      abort();
    } else {
      tries.failed(from, failure);
    }
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
    if (!requestEnded) {
      mirrors.cancel();
    }
    tries.close();
    endpointWritable();
    state.observer().requestFinished(log.report(decisions.settings().accessLog()));
    state.recycle(head);
  }
}
