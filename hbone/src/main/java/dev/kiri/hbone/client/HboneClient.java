package dev.kiri.hbone.client;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.blocking.HboneSocket;
import dev.kiri.hbone.identity.CertificateSource;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.nested.NestedTunnels;
import dev.kiri.hbone.pool.ClientTls;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.Opening;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.tls.CurrentTls;
import dev.kiri.hbone.transport.NettyTransport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/// Opens connections into a mesh, each one stream of a tunnel that connections of the same kind
/// share. Thread-safe. Owns its event loops; [#close()] ends them and all connections.
///
/// Blocking use: [#connect] gives a socket for threads of the program. Asynchronous use: [#open]
/// calls a handler on an event loop, where nothing may block. Bounds and times are those of
/// [ClientSettings].
public final class HboneClient implements AutoCloseable {
  private final CertificateSource certificates;
  private final NettyTransport transport;
  private final EventLoopGroup loops;
  private final HbonePool pool;
  private final NestedTunnels nested;

  /// Presents the certificates of `certificates`; a renewed one is used for new tunnels.
  public HboneClient(CertificateSource certificates) {
    this(certificates, ClientSettings.defaults());
  }

  public HboneClient(CertificateSource certificates, ClientSettings settings) {
    this.certificates = certificates;
    this.transport = NettyTransport.choose(settings.transport());
    this.loops = transport.newLoops(settings.loops(), "hbone-client");
    var tls = own(new CurrentTls(certificates, settings.tls()));
    this.pool = new HbonePool(settings.pool(), () -> transport.newSocket().get(), tls);
    this.nested = new NestedTunnels(pool, settings.pool(), tls);
  }

  private static ClientTls own(CurrentTls tls) {
    return source -> {
      var contexts = tls.get();
      // renewed under another name meanwhile: a key never rides another identity's tunnel
      return contexts != null && contexts.certificate().identity().equals(source) ? contexts : null;
    };
  }

  /// Opens a connection and waits for the peer's 200. Not on an event loop.
  ///
  /// Throws [IOException] with upstream's text of the [HboneFailure] if it cannot be opened, and
  /// [java.io.InterruptedIOException] on interruption.
  public HboneSocket connect(HboneTarget target) throws IOException {
    return HboneSocket.open(handler -> open(target, handler));
  }

  /// Like [#connect(HboneTarget)], to a workload of another network.
  public HboneSocket connect(GatewayTarget target) throws IOException {
    return HboneSocket.open(handler -> open(target, handler));
  }

  /// Opens a connection; `handler` hears `opened` or only `closed`, on an event loop and never
  /// before this call returns.
  public Opening open(HboneTarget target, StreamHandler handler) {
    return open(
        handler,
        (loop, source) ->
            pool.open(
                loop,
                new TunnelKey(source, target.expected(), target.tunnel(), null),
                target.request(),
                handler));
  }

  /// Like [#open(HboneTarget, StreamHandler)], to a workload of another network: a tunnel of its
  /// own inside one to that network's gateway.
  public Opening open(GatewayTarget target, StreamHandler handler) {
    return open(
        handler,
        (loop, source) ->
            nested.open(
                loop,
                new TunnelKey(source, target.gatewayIdentities(), target.gateway(), null),
                target.request(),
                target.expected(),
                handler));
  }

  private Opening open(StreamHandler handler, BiFunction<EventLoop, SpiffeId, Opening> how) {
    var loop = loops.next();
    var certificate = certificates.current();
    if (certificate == null) {
      var failure = new HboneFailure.NoCertificate("this program");
      loop.execute(() -> handler.closed(new StreamClosed.Failed(failure)));
      return () -> {};
    }
    return how.apply(loop, certificate.identity());
  }

  /// Opens no more connections; completes when those that run have ended, at `deadline` at the
  /// latest. [#close()] it afterwards.
  public CompletionStage<Void> drain(Duration deadline) {
    return pool.drain(deadline);
  }

  /// Closes the tunnels whose peers are revoked by now. Call it when the revocations have changed.
  public void closeRevoked() {
    pool.closeRevoked();
    nested.closeRevoked();
  }

  /// Ends all connections at once, and the event loops.
  @Override
  public void close() {
    pool.close();
    transport.shutDown(loops, Duration.ofSeconds(2));
  }
}
