package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.tls.VerifiedPeer;
import dev.kiri.hbone.transport.Holders;
import dev.kiri.hbone.transport.LoopMemory;
import dev.kiri.hbone.transport.RoundTrip;
import dev.kiri.hbone.transport.ScratchReads;
import dev.kiri.hbone.transport.Turn;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.util.ArrayList;

/// A TLS connection that stands, with its streams. Confined to the loop of its channel.
///
/// What arrives is understood by [Connection], what leaves is written by [Output], how it ends is
/// for [TunnelEnd]; this class owns them and the set of streams.
public final class Tunnel implements RecordLayer.Owner, Turn.Flushable, Holders.Holder {
  private static final long HEARD_RECENTLY_NANOS = 1_000_000_000;
  private static final int LEAST_GIVEN_UP = 16 << 10; // who has less than that is no cause

  private final EventLoop loop;
  private final TunnelSettings settings;
  private final TunnelOwner owner;
  private final TunnelPeer peer;
  private final VerifiedPeer verified;
  private final ScratchReads reads;
  private final RoundTrip roundTrip;
  private final Turn turn = LoopMemory.current().turn();
  private final Holders holders = LoopMemory.current().holders();
  private final BulkMeter meter;
  private final RecordLayer records;
  private final Output output;
  private final Connection connection;
  private final StreamTable streams = new StreamTable();
  private final KeepAlive keepAlive;
  private final TunnelEnd end;
  private final WaitingStreams waiting = new WaitingStreams();
  private final ArrayList<TunnelStream> touched = new ArrayList<>();
  private int nextId = 1;
  private long heardNanos;
  private boolean flushPlanned;

  Tunnel(
      ChannelHandlerContext context,
      TunnelSettings settings,
      TunnelOwner owner,
      TunnelPeer peer,
      VerifiedPeer verified,
      boolean client,
      RecordLayer.Factory records,
      ScratchReads reads) {
    this.reads = reads;
    this.roundTrip = new RoundTrip(context.channel());
    this.loop = context.channel().eventLoop();
    this.meter = new BulkMeter(loop.ticker(), LoopMemory.current().load()::bulk);
    this.settings = settings;
    this.owner = owner;
    this.peer = peer;
    this.verified = verified;
    this.records = records.over(context, this);
    var blocks = new HeaderBlocks(settings.maxHeaderList());
    this.output = new Output(this.records, blocks);
    this.connection = new Connection(this, blocks, client);
    this.keepAlive = new KeepAlive(this);
    this.end = new TunnelEnd(this, context, this.records);
  }

  void begin() {
    output.preface(settings, connection.isClient());
    planFlush();
    keepAlive.start();
    roundTrip.micros(); // of the handshake: later answers may wait behind bulk
    holders.add(this);
    owner.opened(this);
  }

  boolean isClient() {
    return connection.isClient();
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

  Connection connection() {
    return connection;
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
    if (end.isDraining() || nextId < 0) {
      return 0;
    }
    return Math.max(0, Math.min(limit, connection.peerMaxStreams()) - streams.size());
  }

  /// No new streams: this end or the peer said so, or the tunnel is closed.
  public boolean isDraining() {
    return end.isDraining();
  }

  /// Whether the peer's SETTINGS have arrived: it has accepted this end's certificate.
  public boolean isConfirmed() {
    return connection.isConfirmed();
  }

  /// Whether bytes may follow a request before its answer. The peer has said so, and has been heard
  /// of so recently that it will hardly turn out to be gone: whoever opens a stream may want to go
  /// elsewhere then, which bytes that nobody accounts for forbid.
  boolean takesEarlyData() {
    return connection.peerTakesEarlyData()
        && loop.ticker().nanoTime() - heardNanos < HEARD_RECENTLY_NANOS;
  }

  /// Another tunnel would be quicker: bytes wait for the socket, or for the peer to give its window
  /// back, or there is bulk.
  public boolean isBusy() {
    return meter.isBulk() || output.room() == 0 || output.isShortOfCredit();
  }

  /// The most that the window of a stream is to be, for the sake of others.
  int considerateWindow() {
    boolean bulkBesideMessages = meter.isBulk() && reads.isShared();
    return bulkBesideMessages ? StreamWindow.shared(roundTrip.micros()) : Integer.MAX_VALUE;
  }

  /// Bytes of all streams in both directions so far.
  private long bytesMoved() {
    return output.sent() + connection.dataReceived();
  }

  /// What a stream may send now that has sent `taken` in this round; see [WaitingStreams].
  int room(int taken) {
    return waiting.share(output.room(), taken);
  }

  int round() {
    return waiting.round();
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
    waiting.add(stream);
  }

  void answer(int id, ConnectResponse response, boolean ends) {
    output.response(id, response, ends);
    planFlush();
  }

  void sendReset(int id, int code) {
    if (!end.isClosed()) {
      output.reset(id, code);
      planFlush();
    }
  }

  void acknowledged(int bytes) {
    if (!end.isClosed()) {
      connection.windows().acknowledged(bytes);
    }
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
    if (streams.remove(stream) && !end.isClosed()) {
      owner.streamEnded(this);
      end.closeIfDrained();
    }
  }

  // receiving

  void received(Object message) {
    if (message instanceof ByteBuf bytes) {
      if (connection.isClient()) { // servers have nothing to say early
        heardNanos = loop.ticker().nanoTime();
      }
      records.received(bytes);
    }
  }

  @Override
  public void plaintext(ByteBuf borrowed) {
    if (end.isOver()) {
      return;
    }
    long before = connection.dataReceived();
    try {
      connection.received(borrowed);
    } catch (TunnelError e) {
      fail(e);
    }
    reads.brought((int) (connection.dataReceived() - before));
    completeTouched();
    meter.moved(bytesMoved());
    holders.more();
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
    end.close(error.code(), text, text, new StreamClosed.TunnelLost(text));
  }

  @Override
  public void recordsEnded(String text) {
    close(text);
  }

  // sending

  void planFlush() {
    if (!flushPlanned && !end.isOver()) {
      flushPlanned = true;
      turn.atEnd(loop, this);
    }
  }

  @Override
  public void turnEnded() {
    flushPlanned = false;
    if (end.isOver()) {
      return;
    }
    output.flush();
    meter.moved(bytesMoved());
    waiting.nextRound(output);
  }

  @Override
  public void drained() {
    planFlush();
  }

  /// Lets streams that wait for the connection go on.
  void wakeWaiting() {
    waiting.wake(output);
  }

  // memory

  @Override
  public long held() {
    return connection.windows().unacknowledged();
  }

  /// The stream whose reader has most to take is reset.
  @Override
  public boolean giveUp() {
    TunnelStream largest = null;
    for (var stream : streams.all()) {
      if (largest == null || stream.unacknowledged() > largest.unacknowledged()) {
        largest = stream;
      }
    }
    if (largest == null || largest.unacknowledged() < LEAST_GIVEN_UP) {
      return false;
    }
    largest.reset(H2Error.ENHANCE_YOUR_CALM);
    return true;
  }

  // the end

  TunnelEnd end() {
    return end;
  }

  /// No new streams: GOAWAY now, the connection closes when the last stream has ended.
  public void drain() {
    end.drain();
  }

  /// Ends the tunnel at once if the peer's certificate is revoked by now (upstream's text).
  public void closeIfRevoked() {
    if (verified.isRevoked()) {
      closeRevoked();
    }
  }

  private void closeRevoked() {
    var revoked = new StreamClosed.PeerRevoked();
    end.close(H2Error.NO_ERROR, "", StreamClosed.PeerRevoked.TEXT, revoked);
  }

  /// The stream in which this tunnel lies has closed: its streams hear the same reason.
  void carrierClosed(StreamClosed why) {
    switch (why) {
      case StreamClosed.PeerRevoked _ -> closeRevoked();
      case StreamClosed.TunnelLost(String text) -> close(text);
      case StreamClosed.Reset(int code, _) -> close("stream error received: " + H2Error.name(code));
      case StreamClosed.Failed(var failure) -> close(failure.message());
      case StreamClosed.Finished _ -> {} // the channel's end is all there is to it
    }
  }

  /// Ends the tunnel at once: GOAWAY, streams are lost.
  public void close(String text) {
    end.close(H2Error.NO_ERROR, "", text, new StreamClosed.TunnelLost(text));
  }

  /// The last streams are about to hear of the end.
  void stopped() {
    keepAlive.stop();
    waiting.clear();
  }

  void inactive() {
    holders.remove(this);
    end.inactive();
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
