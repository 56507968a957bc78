package dev.kiri.hbone.nested;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.ClientTls;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.Opening;
import dev.kiri.hbone.pool.PoolObserver;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.tunnel.Tunnel;
import dev.kiri.hbone.tunnel.TunnelHandshake;
import dev.kiri.hbone.tunnel.TunnelOwner;
import dev.kiri.hbone.tunnel.TunnelStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One stream in an inner tunnel on its way: *outer stream asked* → *inner handshake* → *inner
/// stream asked* → *over* (open, or failed). Confined to its loop, but for [#cancel()].
final class NestedOpening implements Opening, TunnelOwner, StreamHandler {
  private final EventLoop loop;
  private final TunnelKey gateway;
  private final ConnectRequest request;
  private final List<SpiffeId> expected;
  private final StreamHandler handler;
  private final Set<Tunnel> live;
  private final PoolObserver observer;
  private @Nullable StreamChannel channel;
  private @Nullable TunnelHandshake handshake;
  private @Nullable Opening outer;
  private @Nullable Future<?> deadline;
  private @Nullable Tunnel tunnel;
  private @Nullable TunnelStream asked;
  private boolean over;

  NestedOpening(
      EventLoop loop,
      TunnelKey gateway,
      ConnectRequest request,
      List<SpiffeId> expected,
      StreamHandler handler,
      Set<Tunnel> live,
      PoolObserver observer) {
    this.loop = loop;
    this.gateway = gateway;
    this.request = request;
    this.expected = expected;
    this.handler = handler;
    this.live = live;
    this.observer = observer;
  }

  void begin(HbonePool pool, PoolSettings settings, ClientTls tls) {
    if (over) {
      return;
    }
    var contexts = tls.contextsFor(gateway.source());
    if (contexts == null) {
      fail(new HboneFailure.NoCertificate(gateway.source().uri()));
      return;
    }
    var made = new StreamChannel(this::outerFailed);
    channel = made;
    handshake =
        TunnelHandshake.install(
            made, contexts.client(made.alloc(), expected), settings.tunnel(), this, true);
    loop.register(made);
    deadline =
        loop.schedule(
            () -> fail(new HboneFailure.StreamFailed("no answer to CONNECT in time")),
            settings.openTimeout().toNanos(),
            TimeUnit.NANOSECONDS);
    var opening = pool.open(loop, gateway, outerRequest(), made);
    if (over) {
      opening.cancel();
    } else {
      outer = opening;
    }
  }

  // the network that a connection comes from is the workload's business, not the gateway's
  private ConnectRequest outerRequest() {
    return new ConnectRequest(
        request.authority(), request.baggage(), request.forwarded(), request.traceParent(), null);
  }

  private void outerFailed(StreamClosed why) {
    var pending = handshake;
    if (pending != null) {
      pending.abandon();
    }
    fail(HboneFailure.unanswered(why, true));
  }

  private void fail(HboneFailure failure) {
    if (over) {
      return;
    }
    settle();
    if (outer != null) {
      outer.cancel(); // of no effect once the outer stream has opened
    }
    if (tunnel != null) {
      tunnel.close(failure.message());
    } else if (channel != null) {
      channel.close();
    }
    handler.closed(new StreamClosed.Failed(failure));
  }

  private void settle() {
    over = true;
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  public void cancel() {
    if (!loop.inEventLoop()) {
      loop.execute(this::cancel);
      return;
    }
    fail(new HboneFailure.Cancelled("caller"));
  }

  // the inner tunnel

  @Override
  public void opened(Tunnel made) {
    observer.tunnelOpened(gateway, made.peer());
    if (over) {
      made.close("opening cancelled");
      return;
    }
    tunnel = made;
    live.add(made);
    asked = made.open(request, this);
    made.drain(); // one stream, and it ends with it
    made.closeIfRevoked(); // by a list that came during the handshake
  }

  @Override
  public void failed(HboneFailure failure, String text) {
    observer.tunnelFailed(gateway, failure);
    fail(failure);
  }

  @Override
  public void closed(Tunnel of, String text) {
    live.remove(of);
    observer.tunnelClosed(gateway, text);
  }

  // the inner stream, until it has an answer

  @Override
  public void opened(HboneStream stream, ConnectResponse response) {
    var answered = asked;
    if (over || answered == null) {
      stream.reset(H2Error.CANCEL);
      return;
    }
    if (response.accepted()) {
      settle();
      answered.handler(handler);
      handler.opened(stream, response);
    } else {
      handler.opened(stream, response);
      fail(new HboneFailure.Refused(response.status()));
    }
  }

  @Override
  public void closed(StreamClosed why) {
    fail(HboneFailure.unanswered(why, tunnel != null && tunnel.isConfirmed()));
  }

  @Override
  public void data(ByteBuf borrowed) {}

  @Override
  public void end() {}

  @Override
  public void writable() {}
}
