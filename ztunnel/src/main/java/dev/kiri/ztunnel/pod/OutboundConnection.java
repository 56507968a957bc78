package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.bridge.TcpBridge;
import dev.kiri.hbone.bridge.TcpHold;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.balance.EndpointKey;
import dev.kiri.ztunnel.connections.LiveConnection;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import dev.kiri.ztunnel.outbound.OutboundRefusal;
import dev.kiri.ztunnel.outbound.Retry;
import dev.kiri.ztunnel.telemetry.ConnectionFacts;
import dev.kiri.ztunnel.telemetry.ConnectionReport;
import dev.kiri.ztunnel.telemetry.Direction;
import dev.kiri.ztunnel.telemetry.ResponseFlag;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Carries out one connection that a pod opened: asks for the decision, opens what it says, on
/// another endpoint if the first does not do, joins the two ends, reports. Confined to the event
/// loop of the accepted channel.
final class OutboundConnection implements LiveConnection {
  private final Pod pod;
  private final Channel client;
  private final EventLoop loop;
  private final InetSocketAddress source;
  private final InetSocketAddress target;
  private final long startNanos;
  private final OutboundRouting routing;
  private final EndpointAttempts endpoints;
  private String protocol = "TCP";
  private @Nullable ConnectionReport report;
  private @Nullable Runnable stop;
  private boolean over;

  private OutboundConnection(
      Pod pod, Channel client, InetSocketAddress source, InetSocketAddress target) {
    this.pod = pod;
    this.client = client;
    this.loop = client.eventLoop();
    this.source = source;
    this.target = target;
    this.startNanos = pod.node().telemetry().now();
    this.routing = new OutboundRouting(pod, loop, source, target);
    this.endpoints = new EndpointAttempts(pod.node().endpoints());
    TcpHold.attach(client);
  }

  /// Takes over an accepted channel that was going to `target`.
  static void begin(Pod pod, Channel client, InetSocketAddress target) {
    var source = Addresses.remote(client);
    var connection = new OutboundConnection(pod, client, source, target);
    if (pod.node().outbound().callsOurselves(target)) {
      connection.refuse(new OutboundRefusal.CallToOurselves());
      return;
    }
    pod.live()
        .add(connection.loop, connection); // it may have to wait, and its pod may go meanwhile
    pod.local().find(connection.loop, connection::decide);
  }

  private void decide(@Nullable Workload local) {
    if (over) {
      return;
    }
    if (local == null) {
      var info = pod.local().info();
      refuse(
          new OutboundRefusal.UnknownSource(info.serviceAccount(), info.namespace(), info.name()));
      return;
    }
    endpoints.of(local.uid());
    routing.decide(local, decision -> act(local, decision));
  }

  private void act(Workload local, OutboundDecision decision) {
    if (over) {
      return;
    }
    switch (decision) {
      case OutboundDecision.Tunnel tunnel -> {
        protocol = "HBONE";
        tunnel(local, tunnel);
      }
      case OutboundDecision.Plaintext plain -> {
        protocol = "TCP";
        plain(local, plain);
      }
      case OutboundDecision.TunnelInTunnel nested -> {
        protocol = "DOUBLEHBONE";
        nested(local, nested);
      }
      case OutboundDecision.NeedsAddress needed ->
          routing.resolved(local, needed, found -> act(local, found));
      case OutboundDecision.Refused(var why) -> refuse(why);
    }
  }

  private void plain(Workload local, OutboundDecision.Plaintext plain) {
    var opened = open(plain.endpoint(), OutboundFacts.of(plain, local, source));
    stop = null;
    var attempt =
        pod.dialer()
            .dial(
                loop,
                plain.nextHop(),
                null,
                new ChannelInboundHandlerAdapter(),
                new PodDialer.Outcome() {
                  @Override
                  public void connected(Channel server) {
                    join(opened, server);
                  }

                  @Override
                  public void failed(Throwable why) {
                    failOrRetry(
                        local,
                        opened,
                        ResponseFlag.CONNECT,
                        "io error: " + OsErrors.text(why),
                        true);
                  }

                  @Override
                  public void noSocket(Throwable why) {
                    fail(ResponseFlag.CONNECT, "io error: " + OsErrors.text(why));
                  }
                });
    if (stop == null) {
      stop = () -> attempt.cancel(false);
    }
  }

  private void join(ConnectionReport opened, Channel server) {
    if (opened.isClosed()) {
      server.close();
      return;
    }
    endpoints.succeeded();
    var bridge = TcpBridge.join(client, server, new Observer(opened));
    stop = bridge::abort;
  }

  private void tunnel(Workload local, OutboundDecision.Tunnel tunnel) {
    var opened = open(tunnel.endpoint(), OutboundFacts.of(tunnel, local, source));
    openStream(
        StreamPlan.of(pod, local, source, tunnel),
        new StreamOutcome() {
          @Override
          public BridgeObserver accepted(HboneStream stream, ConnectResponse response) {
            endpoints.succeeded();
            return new Observer(opened);
          }

          @Override
          void ended(ResponseFlag flag, String error, @Nullable HboneFailure why, boolean told) {
            if (why != null && Retry.blames(tunnel, why)) {
              failOrRetry(local, opened, flag, error, Retry.mayRepeat(why, told));
            } else {
              fail(flag, error);
            }
          }
        });
  }

  /// Reported as opened when it is known who answers at the far end.
  private void nested(Workload local, OutboundDecision.TunnelInTunnel nested) {
    openStream(
        StreamPlan.of(pod, local, source, nested),
        new StreamOutcome() {
          @Override
          public BridgeObserver accepted(HboneStream stream, ConnectResponse response) {
            var who = stream.peer().identity();
            var facts = OutboundFacts.of(nested, local, source, response.baggage(), who);
            return new Observer(open(null, facts));
          }

          @Override
          void ended(ResponseFlag flag, String error, @Nullable HboneFailure why, boolean told) {
            open(null, OutboundFacts.of(nested, local, source, null, null));
            fail(flag, error);
          }
        });
  }

  private abstract class StreamOutcome implements StreamAttempt.Outcome {
    @Override
    public final void joined(StreamBridge bridge) {
      stop = bridge::abort;
    }

    @Override
    public final void failed(HboneFailure why, boolean told) {
      ended(ResponseFlag.of(why), OutboundFacts.text(why), why, told);
    }

    final void uncertified(String why) {
      ended(ResponseFlag.IDENTITY_ERROR, "identity error: " + why, null, false);
    }

    /// The stream did not open.
    abstract void ended(ResponseFlag flag, String error, @Nullable HboneFailure why, boolean told);
  }

  private void openStream(StreamPlan plan, StreamOutcome outcome) {
    stop = null;
    var attempt = new StreamAttempt(client, outcome);
    var opening = CertifiedOpening.begin(pod, loop, plan, attempt, outcome::uncertified);
    if (stop == null) { // else it was joined at once, or failed and went on elsewhere
      stop = opening::cancel;
    }
  }

  /// The endpoint is at fault: another one, if there is one that was not tried and the connection
  /// may be repeated.
  private void failOrRetry(
      Workload local, ConnectionReport opened, ResponseFlag flag, String error, boolean mayRepeat) {
    if (opened.isClosed() || !client.isActive()) {
      fail(flag, error);
      return;
    }
    var since = Duration.ofNanos(pod.node().telemetry().now() - startNanos);
    var next = endpoints.after(since, mayRepeat, () -> routing.again(local));
    if (next == null) {
      fail(flag, error);
    } else {
      endpoints.release();
      opened.retried(flag, error, String.valueOf(next.endpoint()));
      act(local, next);
    }
  }

  private ConnectionReport open(@Nullable EndpointKey to, ConnectionFacts facts) {
    endpoints.begin(to);
    var opened = pod.node().telemetry().opened(facts, startNanos);
    report = opened;
    return opened;
  }

  private void refuse(OutboundRefusal why) {
    refuse(why.message());
  }

  private void refuse(String why) {
    pod.node().telemetry().refused(Direction.OUTBOUND, source, target, why);
    finish();
  }

  private void fail(ResponseFlag flag, String error) {
    if (report != null) {
      report.failed(flag, error);
    }
    finish();
  }

  private void finish() {
    over = true;
    endpoints.release();
    pod.live().remove(loop, this);
    client.close();
  }

  @Override
  public Direction direction() {
    return Direction.OUTBOUND;
  }

  @Override
  public Entry describe() {
    var opened = report;
    var hop = opened == null ? target : opened.facts().destinationAddress();
    return new Entry(
        NetUtil.toSocketAddressString(source),
        NetUtil.toSocketAddressString(target),
        NetUtil.toSocketAddressString(hop),
        protocol);
  }

  @Override
  public void reconsider(MeshSnapshot mesh) {
    // as upstream: a connection keeps the route it was opened with
  }

  @Override
  public void abort(Ending why) {
    var action = stop;
    if (report != null) {
      report.failed(ResponseFlag.CONNECT, why.text());
    }
    if (action != null) {
      action.run();
    }
    if (report == null) { // not decided yet, or nobody has answered
      refuse(why.text());
    } else {
      finish();
    }
  }

  /// Counts and ends the report when the bridge ends.
  private final class Observer implements BridgeObserver {
    private final ConnectionReport opened;

    Observer(ConnectionReport opened) {
      this.opened = opened;
    }

    @Override
    public void sent(long bytes) {
      opened.request(bytes);
    }

    @Override
    public void received(long bytes) {
      opened.response(bytes);
    }

    @Override
    public void closed(@Nullable String error) {
      if (error == null) {
        opened.closed();
      } else {
        opened.failed(ResponseFlag.ofEnd(error), error);
      }
      endpoints.release();
      pod.live().remove(loop, OutboundConnection.this);
    }
  }
}
