package dev.kiri.waypoint.proxy;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.waypoint.config.Program;
import dev.kiri.waypoint.config.ServiceProgram;
import dev.kiri.waypoint.http.EndpointSide;
import dev.kiri.waypoint.http.StreamOutput;
import dev.kiri.waypoint.http.StreamSide;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.policy.PolicyFacts;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.ConnectionRoutes;
import dev.kiri.waypoint.upstream.Asked;
import dev.kiri.waypoint.upstream.Destined;
import dev.kiri.waypoint.upstream.Load;
import dev.kiri.waypoint.upstream.Target;
import dev.kiri.waypoint.upstream.TargetChoice;
import dev.kiri.waypoint.upstream.TrafficPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A connection that is not HTTP: bytes in both directions, half-close included, a slow reader
/// slowing its writer. Where routes say so its endpoint is one of their backends, chosen once.
/// Confined to its loop.
final class TcpRelay implements StreamSide, Asked {
  /// Upstream's default.
  private static final long IDLE_NANOS = TimeUnit.HOURS.toNanos(1);

  private final LoopState state;
  private final Client client;
  private final Destination destination;
  private final HboneStream stream;
  private final StreamOutput toClient;
  private final StreamOutput toEndpoint;
  private final @Nullable ConnectionRoutes routes;
  private final @Nullable String serverName;
  private final long began = System.nanoTime();
  private final boolean accessLog;
  private @Nullable PolicyDecision policy;
  private @Nullable Target target;
  private @Nullable Destined destined;
  private @Nullable Load load;
  private @Nullable ScheduledFuture<?> idle;
  private @Nullable ScheduledFuture<?> end;
  private long idleNanos;
  private long heard;
  private int heldFromClient;
  private int heldFromEndpoint;
  private long received;
  private boolean over;
  private boolean clientEnded;
  private boolean endpointEnded;
  private boolean clientClosed;

  /// @param routes null: to the destination's own endpoints
  /// @param serverName of the client's hello, if it was read and has one
  TcpRelay(
      LoopState state,
      Client client,
      Destination destination,
      HboneStream stream,
      StreamOutput toClient,
      @Nullable ConnectionRoutes routes,
      @Nullable String serverName) {
    this.state = state;
    this.client = client;
    this.destination = destination;
    this.stream = stream;
    this.toClient = toClient;
    this.toEndpoint = new StreamOutput(state.gather());
    this.routes = routes;
    this.serverName = serverName;
    this.accessLog = state.program().settings().accessLog();
  }

  void begin() {
    Program program = state.program();
    var service = destination.service();
    ServiceProgram applies =
        service == null ? program.workload() : program.service(service, destination.port());
    PolicyDecision decision =
        applies
            .tcpPolicies()
            .decide(
                new PolicyFacts(client.identity(), client.address(), destination.address(), null));
    policy = decision;
    if (!(decision instanceof PolicyDecision.Allowed)) {
      finish("-", decision.details(), H2Error.CANCEL);
      return;
    }
    state.observer().connectionOpened(client, destination);
    ConnectionRoutes known = routes;
    TargetChoice choice = known == null ? own() : routed(known);
    if (choice != null) {
      go(choice);
    }
  }

  private void go(TargetChoice choice) {
    switch (choice) {
      case TargetChoice.Chosen(Target chosen) -> {
        target = chosen;
        Destined to = destined;
        load = to == null ? null : state.chooser().load(to);
        state.chooser().started(chosen, load, true);
        bound(to == null ? TrafficPolicy.NONE : to.policy());
        state
            .connections()
            .dial(
                to == null ? chosen : to.reach(chosen, client.address(), destination.address()),
                toEndpoint,
                new Endpoint());
      }
      case TargetChoice.Unresolved(String host) -> state.whenResolved(host, this::goOn);
      case TargetChoice.NotResolved(String host, String why) ->
          finish("DF", LocalAnswers.notResolved(host, why).details(), H2Error.CANCEL);
      case TargetChoice.Misdirected() ->
          finish("NR", "filter_chain_not_found{" + serverName + "}", H2Error.CANCEL);
      case TargetChoice.NoneHealthy() -> finish("UH", "no_healthy_upstream", H2Error.CANCEL);
      case TargetChoice.UnknownService() -> finish("NC", "cluster_not_found", H2Error.CANCEL);
      case TargetChoice.Overflow() -> finish("UO", "overflow", H2Error.CANCEL);
      case TargetChoice.Refused(String why) ->
          finish("NC", "destination_not_honoured{" + why + "}", H2Error.CANCEL);
    }
  }

  /// How long it may be silent, and last (waypoint reference 13.2).
  private void bound(TrafficPolicy policy) {
    Duration silent = policy.tcpIdle();
    idleNanos = silent == null ? IDLE_NANOS : silent.toNanos();
    heard = System.nanoTime();
    if (idleNanos > 0) {
      idle = state.after(idleNanos, this::lookWhetherIdle);
    }
    Duration longest = policy.connections().longest();
    if (longest != null) {
      end =
          state.after(
              longest.toNanos(),
              () -> finish("DT", "max_connection_duration_reached", H2Error.CANCEL));
    }
  }

  private void lookWhetherIdle() {
    long left = idleNanos - (System.nanoTime() - heard);
    if (left > 0) {
      idle = state.after(left, this::lookWhetherIdle);
    } else {
      finish("SI", "tcp_session_idle_timeout", H2Error.CANCEL);
    }
  }

  private static void cancel(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /// A name was asked for.
  private void goOn() {
    Destined to = destined;
    if (!over && to != null) {
      go(state.chooser().choose(state.mesh(), to, Set.of(), this));
    }
  }

  @Override
  public @Nullable String host() {
    return serverName == null ? null : serverName.toLowerCase(Locale.ROOT);
  }

  @Override
  public boolean bytes() {
    return true;
  }

  @Override
  public @Nullable InetSocketAddress dialled() {
    Destined to = destined;
    return to != null && to.service().equals(destination.service()) ? destination.address() : null;
  }

  /// Null when the connection was cut.
  private @Nullable TargetChoice routed(ConnectionRoutes known) {
    var connection =
        new ConnectionRoutes.Connection(
            serverName,
            destination.address().getAddress(),
            client.forRoutes(state.program().settings()));
    return switch (known.decide(connection)) {
      case ConnectionRoutes.Decision.Routed(var route) -> backendOf(route);
      case ConnectionRoutes.Decision.Own() -> own();
      case ConnectionRoutes.Decision.Cut() -> {
        finish(
            "NR",
            serverName == null
                ? "filter_chain_not_found"
                : "filter_chain_not_found{" + serverName + "}",
            H2Error.CANCEL);
        yield null;
      }
    };
  }

  /// Null when the connection was cut.
  private @Nullable TargetChoice backendOf(ConnectionRoutes.Route route) {
    return switch (route.backends().at(state.nextPoint())) {
      case Backend.OfService backend ->
          choose(state.program().destined(backend, destination.port()));
      case Backend.Invalid invalid -> {
        finish("NC", "cluster_not_found{" + invalid.reason() + "}", H2Error.CANCEL);
        yield null;
      }
      case null -> {
        finish("NC", "no_backend{" + route.name() + "}", H2Error.CANCEL);
        yield null;
      }
    };
  }

  /// Of the policies for a key only that for the client's address has a meaning for connections.
  private TargetChoice choose(@Nullable Destined to) {
    if (to == null) {
      return new TargetChoice.UnknownService();
    }
    boolean byAddress = to.policy().hash() instanceof TrafficPolicy.HashKey.SourceAddress;
    destined = byAddress ? to.by(String.valueOf(client.address().getAddress())) : to;
    return state.chooser().choose(state.mesh(), destined, Set.of(), this);
  }

  private TargetChoice own() {
    var service = destination.service();
    var workload = destination.workload();
    return service != null
        ? choose(state.program().destined(service, destination.port(), ""))
        : workload != null
            ? state.chooser().workload(workload, destination.port())
            : new TargetChoice.UnknownService();
  }

  @Override
  public void received(ByteBuf in) {
    int bytes = in.readableBytes();
    received += bytes;
    heard = System.nanoTime();
    if (over) {
      stream.acknowledge(bytes);
    } else if (toEndpoint.write(in)) {
      stream.acknowledge(bytes);
    } else {
      heldFromClient += bytes;
    }
  }

  @Override
  public void ended() {
    clientEnded = true;
    toEndpoint.end();
  }

  @Override
  public void writable() {
    if (toClient.drain()) {
      toEndpoint.acknowledge(heldFromEndpoint);
      heldFromEndpoint = 0;
    }
  }

  @Override
  public void closed() {
    if (clientEnded && endpointEnded && toEndpoint.blocked()) {
      // Both have spoken their last; what the client said is still on its way.
      clientClosed = true;
    } else {
      finish("-", "", H2Error.CANCEL);
    }
  }

  /// A connection nobody can be told to leave is left alone until the drain's deadline.
  @Override
  public void drain() {}

  private void finish(String flag, String why, int code) {
    if (over) {
      return;
    }
    over = true;
    cancel(idle);
    cancel(end);
    long sent = toClient.written();
    toEndpoint.reset(code);
    toClient.reset(code);
    Target used = target;
    if (used != null) {
      state.chooser().finished(used, load, true);
    }
    state
        .observer()
        .connectionFinished(
            new ConnectionReport(
                client,
                destination,
                flag,
                why,
                received,
                sent,
                (System.nanoTime() - began) / 1_000_000,
                used,
                policy,
                accessLog));
  }

  /// The endpoint's half.
  private final class Endpoint implements EndpointSide {
    @Override
    public void received(ByteBuf in) {
      int bytes = in.readableBytes();
      heard = System.nanoTime();
      if (over || toClient.write(in)) {
        toEndpoint.acknowledge(bytes);
      } else {
        heldFromEndpoint += bytes;
      }
    }

    @Override
    public void ended() {
      endpointEnded = true;
      toClient.end();
    }

    @Override
    public void writable() {
      if (toEndpoint.drain()) {
        stream.acknowledge(heldFromClient);
        heldFromClient = 0;
        if (clientClosed) {
          finish("-", "", H2Error.NO_ERROR);
        }
      }
    }

    @Override
    public void closed() {
      if (clientClosed) {
        finish("-", "", H2Error.NO_ERROR);
      } else if (!endpointEnded) {
        toClient.end();
      }
    }

    @Override
    public void drain() {}

    @Override
    public void fail(UpstreamFailure failure) {
      Target failed = target;
      Destined to = destined;
      if (failed != null && to != null && failure.untouched()) {
        state.chooser().observed(failed, to, 0);
      }
      finish(failure.kind().flag(), failure.details(), H2Error.CANCEL);
    }
  }
}
