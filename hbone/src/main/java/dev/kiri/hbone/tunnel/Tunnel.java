package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.tls.VerifiedPeer;
import dev.kiri.hbone.transport.LoopMemory;
import dev.kiri.hbone.transport.Turn;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// A TLS connection that stands, with its streams. Confined to the loop of its channel.
///
/// Life: *open* → *draining* (this end or the peer sent GOAWAY, or the stream numbers are used up;
/// running streams go on, none is added) → *closed*. What arrives is understood by [Connection],
/// what leaves is written by [Output]; this class owns both, the set of streams and the end.
public final class Tunnel implements RecordLayer.Owner, Turn.Flushable {
  private final ChannelHandlerContext context;
  private final EventLoop loop;
  private final TunnelSettings settings;
  private final TunnelOwner owner;
  private final TunnelPeer peer;
  private final VerifiedPeer verified;
  private final Turn turn = LoopMemory.current().turn();
  private final RecordLayer records;
  private final Output output;
  private final Connection connection;
  private final StreamTable streams = new StreamTable();
  private final KeepAlive keepAlive;
  private final ArrayDeque<TunnelStream> waiting = new ArrayDeque<>();
  private final ArrayList<TunnelStream> touched = new ArrayList<>();
  private int nextId = 1;
  private boolean draining;
  private boolean closed;
  private boolean ended;
  private boolean flushPlanned;
  private @Nullable String closeText;

  Tunnel(
      ChannelHandlerContext context,
      TunnelSettings settings,
      TunnelOwner owner,
      TunnelPeer peer,
      VerifiedPeer verified,
      boolean client,
      RecordLayerFactory records) {
    this.context = context;
    this.loop = context.channel().eventLoop();
    this.settings = settings;
    this.owner = owner;
    this.peer = peer;
    this.verified = verified;
    this.records = records.over(context, this);
    var blocks = new HeaderBlocks(settings.maxHeaderList());
    this.output = new Output(this.records, blocks);
    this.connection = new Connection(this, blocks, client);
    this.keepAlive = new KeepAlive(this);
  }

  /// Makes the record layer of a tunnel once its context exists.
  @FunctionalInterface
  interface RecordLayerFactory {
    RecordLayer over(ChannelHandlerContext context, RecordLayer.Owner owner);
  }

  void begin() {
    output.preface(settings, connection.isClient());
    planFlush();
    keepAlive.start();
    owner.opened(this);
  }

  public EventLoop loop() {
    return loop;
  }

  public TunnelPeer peer() {
    return peer;
  }

  TunnelSettings settings() {
    return settings;
  }

  TunnelOwner owner() {
    return owner;
  }

  Output output() {
    return output;
  }

  ReceiveWindows windows() {
    return connection.windows();
  }

  StreamTable streams() {
    return streams;
  }

  // streams of a client

  /// Streams under way.
  public int active() {
    return streams.size();
  }

  /// How many more streams this tunnel takes now, if it may carry `limit` at once.
  public int capacity(int limit) {
    if (draining || closed || nextId < 0) {
      return 0;
    }
    return Math.max(0, Math.min(limit, connection.peerMaxStreams()) - streams.size());
  }

  /// No new streams: this end or the peer said so, or the tunnel is closed.
  public boolean isDraining() {
    return draining;
  }

  /// Whether the peer's SETTINGS have arrived: it has accepted this end's certificate.
  public boolean isConfirmed() {
    return connection.isConfirmed();
  }

  /// Bytes wait for the socket or the peer's window: another tunnel would be quicker.
  public boolean isBusy() {
    return output.room() == 0;
  }

  /// Sends a CONNECT request. The caller has asked [#capacity].
  public TunnelStream open(ConnectRequest request, StreamHandler handler) {
    int id = nextId;
    nextId += 2; // negative once the numbers are used up (RFC 9113 5.1.1)
    var stream = new TunnelStream(this, id, handler, connection.initialSendWindow());
    streams.add(stream);
    output.request(id, request);
    planFlush();
    return stream;
  }

  boolean wasOpened(int id) {
    return nextId < 0 || id < nextId;
  }

  // what streams ask for

  void waitForConnection(TunnelStream stream) {
    if (!stream.queued) {
      stream.queued = true;
      waiting.addLast(stream);
    }
  }

  void answer(int id, ConnectResponse response, boolean ends) {
    output.response(id, response, ends);
    planFlush();
  }

  void sendReset(int id, int code) {
    if (!closed) {
      output.reset(id, code);
      planFlush();
    }
  }

  void acknowledged(int bytes) {
    if (closed) {
      return;
    }
    connection.windows().acknowledged(bytes);
  }

  void touch(TunnelStream stream) {
    if (!stream.touched) {
      stream.touched = true;
      touched.add(stream);
    }
  }

  /// This end did something that an honest peer may answer by up to this many frames.
  void expect(long frames) {
    connection.expect(frames);
  }

  void remove(TunnelStream stream) {
    connection.expect(2); // a reset and trailers that cross its end
    if (!streams.remove(stream) || closed) {
      return;
    }
    owner.streamEnded(this);
    closeIfDrained();
  }

  // receiving

  void received(Object message) {
    if (message instanceof ByteBuf bytes) {
      records.received(bytes);
    }
  }

  @Override
  public void plaintext(ByteBuf borrowed) {
    if (ended) {
      return;
    }
    try {
      connection.received(borrowed);
    } catch (TunnelError e) {
      fail(e);
    }
    completeTouched();
  }

  private void completeTouched() {
    for (int i = 0; i < touched.size(); i++) {
      var stream = touched.get(i);
      stream.touched = false;
      stream.dataComplete();
    }
    touched.clear();
  }

  void pingAnswered() {
    keepAlive.answered();
  }

  void fail(TunnelError error) {
    var text = H2Error.name(error.code()) + ": " + error.getMessage();
    goAwayAndClose(error.code(), text, text);
  }

  @Override
  public void recordsEnded(String text) {
    close(text);
  }

  // sending

  void planFlush() {
    if (!flushPlanned && !ended) {
      flushPlanned = true;
      turn.atEnd(loop, this);
    }
  }

  @Override
  public void turnEnded() {
    flushPlanned = false;
    if (ended) {
      return;
    }
    output.flush();
    wakeWaiting();
  }

  @Override
  public void drained() {
    planFlush();
  }

  /// Lets streams that wait for the connection go on, in the order in which they came to a halt.
  void wakeWaiting() {
    for (int n = waiting.size(); n > 0 && output.room() > 0; n--) {
      var stream = waiting.pollFirst();
      if (stream == null) {
        return;
      }
      stream.queued = false;
      if (stream.canUseConnection()) {
        stream.wake();
      }
    }
  }

  // the end

  /// No new streams: GOAWAY now, the connection closes when the last stream has ended.
  public void drain() {
    if (draining || closed) {
      return;
    }
    draining = true;
    connection.announceDrain();
    owner.capacityChanged(this);
    closeIfDrained();
  }

  void peerDrains(int code, String debug) {
    draining = true;
    if (code != H2Error.NO_ERROR) {
      closeText = "GOAWAY " + H2Error.name(code) + (debug.isEmpty() ? "" : ": " + debug);
    }
    owner.capacityChanged(this);
    closeIfDrained();
  }

  void closeIfDrained() {
    if (draining && !closed && streams.isEmpty() && connection.mayClose()) {
      goAwayAndClose(H2Error.NO_ERROR, "", "drained");
    }
  }

  /// Ends the tunnel at once if the peer's certificate is revoked by now (upstream's text).
  public void closeIfRevoked() {
    if (verified.isRevoked()) {
      end(H2Error.NO_ERROR, "", StreamClosed.PeerRevoked.TEXT, new StreamClosed.PeerRevoked());
    }
  }

  /// Ends the tunnel at once: GOAWAY, streams are lost.
  public void close(String text) {
    goAwayAndClose(H2Error.NO_ERROR, "", text);
  }

  private void goAwayAndClose(int code, String debug, String text) {
    end(code, debug, text, new StreamClosed.TunnelLost(text));
  }

  private void end(int code, String debug, String text, StreamClosed streamsHear) {
    if (closed) {
      return;
    }
    if (context.channel().isActive()) {
      output.goAway(connection.lastPeerStream(), code, debug);
    }
    lost(text, streamsHear);
  }

  private void lost(String text, StreamClosed streamsHear) {
    if (closed) {
      return;
    }
    closed = true;
    draining = true;
    keepAlive.stop();
    waiting.clear();
    for (var stream : streams.drain()) {
      stream.close(streamsHear);
    }
    if (context.channel().isActive()) {
      output.flushLast();
      records.end();
    }
    ended = true;
    context.close();
    owner.closed(this, text);
  }

  void inactive() {
    var text = closeText == null ? "connection closed by the peer" : closeText;
    lost(text, new StreamClosed.TunnelLost(text));
    output.release();
    records.release();
  }

  void broken(Throwable cause) {
    close(String.valueOf(cause.getMessage()));
  }

  @Override
  public String toString() {
    return "tunnel to " + peer.remote();
  }
}
