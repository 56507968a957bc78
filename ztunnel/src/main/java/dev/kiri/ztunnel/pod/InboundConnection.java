package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.transport.OsErrors;
import dev.kiri.mesh.policy.PolicyVerdict;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.ztunnel.connections.LiveConnection;
import dev.kiri.ztunnel.inbound.InboundRoute;
import dev.kiri.ztunnel.telemetry.ConnectionFacts;
import dev.kiri.ztunnel.telemetry.ConnectionReport;
import dev.kiri.ztunnel.telemetry.Direction;
import dev.kiri.ztunnel.telemetry.ResponseFlag;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An admitted connection to a pod, from its registration to its end; what differs between tunnel
/// and plain text is in the two subclasses. Confined to the event loop of the arrival.
///
/// It is registered before it is looked at again, so that a policy that arrives in between is not
/// missed.
abstract class InboundConnection implements LiveConnection {
  private static final Logger LOG = LoggerFactory.getLogger(InboundConnection.class);

  final Pod pod;
  final EventLoop loop;
  final InboundRoute route;
  final ConnectionReport report;

  InboundConnection(
      Pod pod, EventLoop loop, InboundRoute route, ConnectionFacts facts, long startNanos) {
    this.pod = pod;
    this.loop = loop;
    this.route = route;
    this.report = pod.node().telemetry().opened(facts, startNanos);
  }

  /// Registers the connection and dials the application. `decidedOn` is the snapshot that admitted
  /// it.
  final void begin(MeshSnapshot decidedOn) {
    pod.live().add(loop, this);
    var now = pod.node().mesh().current();
    if (!now.equals(decidedOn)) {
      reconsider(now);
    }
    if (report.isClosed()) {
      return;
    }
    dial();
  }

  private void dial() {
    var attempt =
        pod.dialer()
            .dial(
                loop,
                route.dial(),
                route.bind(),
                new io.netty.channel.ChannelInboundHandlerAdapter(),
                new PodDialer.Outcome() {
                  @Override
                  public void connected(Channel application) {
                    if (report.isClosed()) {
                      application.close();
                    } else {
                      join(application);
                    }
                  }

                  @Override
                  public void failed(Throwable why) {
                    if (!report.isClosed()) {
                      refuse();
                      end(ResponseFlag.CONNECT, "connection failed: " + OsErrors.text(why));
                    }
                  }

                  @Override
                  public void noSocket(Throwable why) {
                    failed(why);
                  }
                });
    dialling(() -> attempt.cancel(false));
  }

  /// The dial may be stopped by this.
  abstract void dialling(Runnable cancel);

  /// Joins the arrival with the application.
  abstract void join(Channel application);

  /// Tells the peer that the application cannot be reached.
  abstract void refuse();

  /// Cuts whatever there is.
  abstract void cut();

  /// Reports the end and forgets the connection.
  final void end(ResponseFlag flag, @Nullable String error) {
    if (error == null) {
      report.closed();
    } else {
      report.failed(flag, error);
    }
    pod.live().remove(loop, this);
  }

  @Override
  public final Direction direction() {
    return Direction.INBOUND;
  }

  @Override
  public final Entry describe() {
    var connection = route.connection();
    return new Entry(
        NetUtil.toSocketAddressString(connection.source()),
        route.service() == null ? null : route.service().hostname(),
        NetUtil.toSocketAddressString(connection.destination()),
        connection.peer() == null ? "TCP" : "HBONE");
  }

  @Override
  public final void reconsider(MeshSnapshot mesh) {
    var evaluation = pod.inbound().authorize(mesh, route);
    if (evaluation.verdict() instanceof PolicyVerdict.Denied denied) {
      var connection = route.connection();
      LOG.info(
          "connection {}({})->{} ({}) closed because it's no longer allowed after a policy update:"
              + " {}",
          NetUtil.toSocketAddressString(connection.source()),
          connection.peer() == null ? "plaintext" : connection.peer(),
          NetUtil.toSocketAddressString(connection.destination()),
          route.destination().uid(),
          denied.reason().text());
      end(ResponseFlag.DENY, "connection closed due to policy change");
      cut();
    }
  }

  @Override
  public final void abort(Ending why) {
    end(ResponseFlag.CONNECT, why.text());
    cut();
  }

  /// For a bridge whose TCP side is the application when `applicationFirst`, else the client.
  final class Observer implements BridgeObserver {
    private final boolean applicationFirst;

    Observer(boolean applicationFirst) {
      this.applicationFirst = applicationFirst;
    }

    @Override
    public void sent(long bytes) {
      count(applicationFirst, bytes);
    }

    @Override
    public void received(long bytes) {
      count(!applicationFirst, bytes);
    }

    @Override
    public void closed(@Nullable String error) {
      end(ResponseFlag.ofEnd(error), error);
    }

    private void count(boolean fromApplication, long bytes) {
      if (fromApplication) {
        report.response(bytes);
      } else {
        report.request(bytes);
      }
    }
  }
}
