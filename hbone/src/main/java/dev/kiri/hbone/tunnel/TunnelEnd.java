package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.StreamClosed;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/// How a tunnel ends. Confined to the tunnel's loop.
///
/// *open* → *draining* (this end or the peer sent GOAWAY; running streams go on, none is added) →
/// *closed*. Its channel stays until its last bytes and the peer are gone ([Goodbye]). For one that
/// drained well, which is *leaving* until then, the owner hears `closed` when that has happened,
/// for any other one at once.
final class TunnelEnd {
  private final Tunnel tunnel;
  private final ChannelHandlerContext context;
  private final RecordLayer records;
  private boolean draining;
  private boolean announced; // this end's GOAWAY is out
  private boolean closed;
  private boolean over; // nothing is sealed or understood any more
  private boolean leaving;
  private @Nullable String peersText;

  TunnelEnd(Tunnel tunnel, ChannelHandlerContext context, RecordLayer records) {
    this.tunnel = tunnel;
    this.context = context;
    this.records = records;
  }

  boolean isDraining() {
    return draining;
  }

  boolean isClosed() {
    return closed;
  }

  boolean isOver() {
    return over;
  }

  /// No new streams: GOAWAY now, the connection closes when the last stream has ended.
  void drain() {
    if (announced || closed) {
      return;
    }
    announced = true;
    draining = true;
    tunnel.connection().announceDrain();
    tunnel.owner().capacityChanged(tunnel);
    closeIfDrained();
  }

  void peerDrains(int code, String debug) {
    draining = true;
    if (code != H2Error.NO_ERROR) {
      peersText = "GOAWAY " + H2Error.name(code) + (debug.isEmpty() ? "" : ": " + debug);
    }
    tunnel.owner().capacityChanged(tunnel);
    closeIfDrained();
  }

  void closeIfDrained() {
    if (draining && !closed && tunnel.streams().isEmpty() && tunnel.connection().mayClose()) {
      leaving = true;
      close(H2Error.NO_ERROR, "", "drained", new StreamClosed.TunnelLost("drained"));
    }
  }

  /// Says GOAWAY and closes; running streams hear `streamsHear`. The last word for one that is
  /// leaving.
  void close(int code, String debug, String text, StreamClosed streamsHear) {
    if (closed) {
      if (leaving) {
        context.close();
      }
      return;
    }
    if (context.channel().isActive()) {
      tunnel.output().goAway(tunnel.connection().lastPeerStream(), code, debug);
    }
    lost(text, streamsHear);
  }

  private void lost(String text, StreamClosed streamsHear) {
    closed = true;
    draining = true;
    tunnel.stopped();
    for (var stream : tunnel.streams().drain()) {
      stream.close(streamsHear);
    }
    if (!context.channel().isActive()) {
      over = true;
      leaving = false;
      tunnel.owner().closed(tunnel, text);
      return;
    }
    tunnel.output().flushLast();
    var written = records.end();
    over = true;
    if (leaving) {
      Goodbye.closeBehind(context, written);
    } else {
      Goodbye.closeAbruptly(context, written);
      tunnel.owner().closed(tunnel, text);
    }
  }

  /// The channel is closed.
  void inactive() {
    if (!closed) {
      var text = peersText == null ? "connection closed by the peer" : peersText;
      lost(text, new StreamClosed.TunnelLost(text));
    } else if (leaving) {
      leaving = false;
      tunnel.owner().closed(tunnel, "drained");
    }
  }
}
