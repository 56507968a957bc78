package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.tls.PeerRejected;
import dev.kiri.hbone.tls.TlsHandshake;
import dev.kiri.hbone.transport.LoopMemory;
import dev.kiri.hbone.transport.ScratchReads;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Brings a TCP channel to a [Tunnel]: runs the TLS handshake, then hands the records to the record
/// layer of the settings. Confined to the channel's loop.
///
/// `SslHandler` may deliver plaintext before the switch; it is kept and read right after it.
public final class TunnelHandshake extends ChannelInboundHandlerAdapter {
  private final TlsHandshake tls;
  private final TunnelSettings settings;
  private final TunnelOwner owner;
  private final boolean client;
  private final SslHandler sslHandler;
  private final ScratchReads reads;
  private final ArrayDeque<ByteBuf> early = new ArrayDeque<>(1);
  private boolean done;

  private TunnelHandshake(
      TlsHandshake tls,
      TunnelSettings settings,
      TunnelOwner owner,
      boolean client,
      ScratchReads reads) {
    this.tls = tls;
    this.settings = settings;
    this.owner = owner;
    this.client = client;
    this.reads = reads;
    this.sslHandler = new SslHandler(tls.engine());
    sslHandler.setHandshakeTimeoutMillis(settings.handshakeTimeout().toMillis());
    sslHandler.setCloseNotifyFlushTimeoutMillis(1_000);
  }

  /// Installs the handshake in the pipeline of a channel that connects or is connected.
  public static TunnelHandshake install(
      Channel channel,
      TlsHandshake tls,
      TunnelSettings settings,
      TunnelOwner owner,
      boolean client) {
    // a peer that is killed says no goodbye: its FIN is the end of the tunnel, whatever whoever
    // made the socket wants of sockets otherwise
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    var reads = ScratchReads.prepare(channel);
    var handshake = new TunnelHandshake(tls, settings, owner, client, reads);
    channel.pipeline().addLast(handshake.sslHandler, handshake);
    return handshake;
  }

  /// The channel did not even connect: nothing will happen any more, and the owner hears nothing.
  public void abandon() {
    if (!done) {
      done = true;
      tls.finished();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf plaintext) {
      early.addLast(plaintext);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent completion && !done) {
      if (completion.isSuccess()) {
        // not within SslHandler's own loop, which may go on decoding
        ctx.channel().eventLoop().execute(() -> succeeded(ctx));
      } else {
        failed(ctx, completion.cause());
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    failed(ctx, new ClosedChannelException());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failed(ctx, cause);
  }

  private void succeeded(ChannelHandlerContext ctx) {
    if (done) {
      return;
    }
    var engine = tls.engine();
    // a peer that has said goodbye already takes its session with it
    if (!ctx.channel().isActive() || engine.isInboundDone() || engine.isOutboundDone()) {
      failed(ctx, new ClosedChannelException());
      return;
    }
    if (!"h2".equals(applicationProtocol())) {
      failed(ctx, new IllegalStateException("peer does not support HTTP/2"));
      return;
    }
    if (!tls.hasPeer()) {
      failed(
          ctx,
          new IllegalStateException(
              "the peer resumed a session instead of presenting a certificate"));
      return;
    }
    done = true;
    tls.finished();
    var peer =
        new TunnelPeer(
            tls.peer().identities().first(),
            (InetSocketAddress) ctx.channel().remoteAddress(),
            (InetSocketAddress) ctx.channel().localAddress(),
            engine.getSession().getCipherSuite());
    var place = new TunnelPlace();
    ctx.pipeline().addAfter(ctx.name(), null, place);
    ctx.pipeline().remove(this);
    // inside another tunnel's stream the loop's scratch memory is in that one's hands
    if (settings.records() == TunnelSettings.Records.DIRECT
        && ctx.channel() instanceof SocketChannel
        && engine instanceof ReferenceCountedOpenSslEngine boringSsl) {
      takeSession(ctx.channel(), place, boringSsl, peer);
    } else {
      occupy(place, peer, EngineRecords::new);
    }
  }

  /// The session changes hands: nobody may touch the engine once its BIO has been replaced, so
  /// `SslHandler` leaves first. What it had read but not decoded waits in the tunnel's place.
  private void takeSession(
      Channel channel, TunnelPlace place, ReferenceCountedOpenSslEngine engine, TunnelPeer peer) {
    engine.retain();
    try {
      channel.pipeline().remove(sslHandler);
      reads.into(TunnelHandshake::scratch);
      occupy(place, peer, (context, records) -> new DirectRecords(context, records, engine));
    } finally {
      engine.release();
    }
  }

  private static ByteBuf scratch(int most) {
    var scratch = LoopMemory.current().tunnelReads();
    int start = scratch.capacity() - Math.min(most, scratch.capacity());
    return scratch.setIndex(start, start);
  }

  private void occupy(TunnelPlace place, TunnelPeer peer, RecordLayer.Factory records) {
    var tunnel =
        new Tunnel(place.context(), settings, owner, peer, tls.peer(), client, records, reads);
    tunnel.begin();
    for (var plaintext = early.pollFirst(); plaintext != null; plaintext = early.pollFirst()) {
      try {
        tunnel.plaintext(plaintext);
      } finally {
        plaintext.release();
      }
    }
    place.occupy(tunnel);
  }

  private @Nullable String applicationProtocol() {
    return tls.engine() instanceof ReferenceCountedOpenSslEngine
        ? sslHandler.applicationProtocol()
        : tls.engine().getApplicationProtocol();
  }

  private void failed(ChannelHandlerContext ctx, @Nullable Throwable cause) {
    if (done) {
      return;
    }
    done = true;
    tls.finished();
    early.forEach(ByteBuf::release);
    early.clear();
    ctx.close();
    var rejection = tls.rejection();
    owner.failed(failure(rejection, cause), serverText(rejection, cause));
  }

  private static HboneFailure failure(@Nullable PeerRejected rejection, @Nullable Throwable cause) {
    if (rejection != null) {
      return new HboneFailure.TlsRefused(rejection);
    }
    return new HboneFailure.Io(text(cause));
  }

  // the debug form in which upstream logs the same failures
  private static String serverText(@Nullable PeerRejected rejection, @Nullable Throwable cause) {
    if (rejection != null) {
      return "tls handshake error: Custom { kind: InvalidData, error: InvalidCertificate("
          + rejection.text()
          + ") }";
    }
    if (cause instanceof ClosedChannelException) {
      return "tls handshake error: Custom { kind: UnexpectedEof, error: \"tls handshake eof\" }";
    }
    return "tls handshake error: Custom { kind: InvalidData, error: " + text(cause) + " }";
  }

  private static String text(@Nullable Throwable cause) {
    if (cause instanceof ClosedChannelException) {
      return "tls handshake eof";
    }
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t.getCause() == null) {
        return t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
      }
    }
    return "unknown";
  }
}
