package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.bridge.TcpBridge;
import dev.kiri.hbone.bridge.TcpHold;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.Forwarded;
import dev.kiri.hbone.connect.TraceParent;
import dev.kiri.hbone.pool.Opening;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.balance.EndpointKey;
import dev.kiri.ztunnel.connections.LiveConnection;
import dev.kiri.ztunnel.outbound.OutboundDecision;
import dev.kiri.ztunnel.outbound.OutboundRefusal;
import dev.kiri.ztunnel.outbound.OutboundRequest;
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
import java.util.concurrent.ThreadLocalRandom;
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
  private final EndpointAttempts endpoints;
  private @Nullable ConnectionReport report;
  private @Nullable Runnable stop;

  private OutboundConnection(
      Pod pod, Channel client, InetSocketAddress source, InetSocketAddress target) {
    this.pod = pod;
    this.client = client;
    this.loop = client.eventLoop();
    this.source = source;
    this.target = target;
    this.startNanos = pod.node().telemetry().now();
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
    pod.local().find(client.eventLoop(), connection::decide);
  }

  private void decide(@Nullable Workload local) {
    if (local == null) {
      var info = pod.local().info();
      refuse(
          new OutboundRefusal.UnknownSource(info.serviceAccount(), info.namespace(), info.name()));
      return;
    }
    var request = new OutboundRequest(local, source.getAddress(), target);
    act(local, pod.node().outbound().decide(pod.node().mesh().current(), request));
  }

  private void act(Workload local, OutboundDecision decision) {
    switch (decision) {
      case OutboundDecision.Tunnel tunnel -> tunnel(local, tunnel);
      case OutboundDecision.Plaintext plain -> plain(local, plain);
      case OutboundDecision.TunnelInTunnel _ ->
          refuse(new OutboundRefusal.Unsupported("tunnels to other networks"));
      case OutboundDecision.NeedsAddress needed -> resolve(local, needed);
      case OutboundDecision.Refused(var why) -> refuse(why);
    }
  }

  private void resolve(Workload local, OutboundDecision.NeedsAddress needed) {
    pod.node()
        .resolver()
        .resolve(needed.destination(), needed.asked())
        .whenComplete(
            (address, failed) ->
                loop.execute(
                    () -> {
                      if (address == null) {
                        refuse(new OutboundRefusal.NoAddresses(needed.destination().uid()));
                      } else {
                        act(local, needed.at(address));
                      }
                    }));
  }

  private void plain(Workload local, OutboundDecision.Plaintext plain) {
    var opened = open(plain.endpoint(), OutboundFacts.of(plain, local, source));
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
                        local, opened, ResponseFlag.CONNECT, "io error: " + OsErrors.text(why));
                  }
                });
    stop = () -> attempt.cancel(false);
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
    if (pod.node().certificates().current(local.identity()) != null) {
      openStream(local, tunnel, opened);
      return;
    }
    pod.node()
        .certificates()
        .request(local.identity())
        .whenComplete(
            (contexts, failed) ->
                loop.execute(
                    () -> {
                      if (opened.isClosed()) {
                        return;
                      }
                      if (failed != null) {
                        fail(ResponseFlag.IDENTITY_ERROR, "identity error: " + cause(failed));
                      } else {
                        openStream(local, tunnel, opened);
                      }
                    }));
  }

  private void openStream(Workload local, OutboundDecision.Tunnel tunnel, ConnectionReport opened) {
    var key =
        new TunnelKey(local.identity(), tunnel.expected(), tunnel.nextHop(), source.getAddress());
    var service = tunnel.service();
    var request =
        new ConnectRequest(
            tunnel.authority(),
            pod.node().settings().peerMetadata() ? OutboundFacts.baggage(local) : Baggage.EMPTY,
            new Forwarded(
                NetUtil.toSocketAddressString(source), service == null ? null : service.hostname()),
            TraceParent.random(ThreadLocalRandom.current()),
            null);
    var attempt = new StreamAttempt(client, new Observer(opened), outcome(local, tunnel, opened));
    Opening opening = pod.pool().open(loop, key, request, attempt);
    if (!opened.isClosed()) { // it may have failed at once, and gone on elsewhere
      stop = opening::cancel;
    }
  }

  private StreamAttempt.Outcome outcome(
      Workload local, OutboundDecision.Tunnel tunnel, ConnectionReport opened) {
    return new StreamAttempt.Outcome() {
      @Override
      public void accepted(StreamBridge bridge) {
        endpoints.succeeded();
        stop = bridge::abort;
      }

      @Override
      public void failed(HboneFailure why) {
        var flag = ResponseFlag.of(why);
        var text = OutboundFacts.text(why);
        if (Retry.blames(tunnel, why)) {
          failOrRetry(local, opened, flag, text);
        } else {
          fail(flag, text);
        }
      }
    };
  }

  /// The endpoint is at fault: another one, if there is one that was not tried.
  private void failOrRetry(
      Workload local, ConnectionReport opened, ResponseFlag flag, String error) {
    if (opened.isClosed() || !client.isActive()) {
      fail(flag, error);
      return;
    }
    var node = pod.node();
    var request = new OutboundRequest(local, source.getAddress(), target);
    var next =
        endpoints.after(
            Duration.ofNanos(node.telemetry().now() - startNanos),
            () -> node.outbound().decide(node.mesh().current(), request));
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
    pod.live().add(loop, this);
    return opened;
  }

  private void refuse(OutboundRefusal why) {
    pod.node().telemetry().refused(Direction.OUTBOUND, source, target, why.message());
    client.close();
  }

  private void fail(ResponseFlag flag, String error) {
    if (report != null) {
      report.failed(flag, error);
    }
    finish();
  }

  private void finish() {
    endpoints.release();
    pod.live().remove(loop, this);
    client.close();
  }

  private static String cause(Throwable failed) {
    var inner = failed.getCause();
    return String.valueOf(inner == null ? failed.getMessage() : inner.getMessage());
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
        opened != null && opened.facts().mutualTls() ? "HBONE" : "TCP");
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
    finish();
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
