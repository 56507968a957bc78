package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.StreamClosed;
import io.netty.buffer.ByteBuf;
import java.util.function.LongSupplier;

/// What a tunnel's frames mean: settings, windows, streams that come and go (RFC 9113 5 and 6);
/// what HEADERS say is for [Requests]. Confined to the tunnel's loop.
final class Connection implements FrameSink {
  private static final long DRAIN_PING =
      0x6b69_7269_6472_6e31L; // tells the ack from a keep-alive's

  private final Tunnel tunnel;
  private final HeaderBlocks blocks;
  private final boolean client;
  private final FrameReader reader;
  private final Preface preface;
  private final PeerSettings peer = new PeerSettings();
  private final FloodGuard guard;
  private final ReceiveWindows windows;
  private final Requests requests;
  private boolean drainPingUnanswered;
  private boolean prefaceComplete;
  private long windowChange; // of the SETTINGS frame under way
  private long dataReceived;
  private int dataLength;
  private int dataSeen;

  Connection(Tunnel tunnel, HeaderBlocks blocks, boolean client) {
    this.tunnel = tunnel;
    this.blocks = blocks;
    this.client = client;
    this.reader = new FrameReader(this, tunnel.settings());
    this.preface = new Preface(!client);
    LongSupplier nanoTime = () -> tunnel.loop().ticker().nanoTime();
    this.guard = new FloodGuard(nanoTime);
    this.windows = new ReceiveWindows(tunnel);
    this.requests = new Requests(tunnel, blocks, peer, guard, client);
  }

  boolean isClient() {
    return client;
  }

  boolean isConfirmed() {
    return peer.seen();
  }

  int peerMaxStreams() {
    return peer.maxStreams();
  }

  boolean peerTakesEarlyData() {
    return peer.takesEarlyData();
  }

  int initialSendWindow() {
    return peer.initialWindow();
  }

  ReceiveWindows windows() {
    return windows;
  }

  /// Bytes of DATA received so far.
  long dataReceived() {
    return dataReceived;
  }

  int lastPeerStream() {
    return requests.lastPeerStream();
  }

  /// This end did something that an honest peer may answer by up to this many frames.
  void expect(long frames) {
    guard.expect(frames);
  }

  void received(ByteBuf plaintext) throws TunnelError {
    if (!prefaceComplete) {
      prefaceComplete = preface.read(plaintext);
      if (!prefaceComplete) {
        return;
      }
    }
    guard.carried(plaintext.readableBytes());
    reader.read(plaintext);
  }

  // DATA

  @Override
  public void dataBegins(int id, int flowControlled) throws TunnelError {
    dataLength = flowControlled;
    dataSeen = 0;
    dataReceived += flowControlled;
    windows.arrived(flowControlled);
    var stream = tunnel.streams().get(id);
    if (stream == null) {
      requests.requireKnown(
          id, "DATA"); // was on its way when the stream ended: up to a window of it
    } else {
      windows.waiting(flowControlled);
      stream.dataBegins(flowControlled);
    }
    windows.giveCredit();
  }

  @Override
  public void data(int id, ByteBuf bytes) {
    dataSeen += bytes.readableBytes();
    var stream = tunnel.streams().get(id);
    if (stream != null) {
      stream.data(bytes);
      tunnel.touch(stream);
    }
  }

  @Override
  public void dataEnds(int id, boolean endStream) throws TunnelError {
    var stream = tunnel.streams().get(id);
    if (dataSeen == 0 && !endStream) {
      guard.spend(FloodGuard.Nuisance.EMPTY_DATA);
    }
    if (stream == null) {
      return;
    }
    if (dataLength > dataSeen) {
      stream.padding(dataLength - dataSeen);
    }
    if (endStream) {
      stream.remoteEnd();
    }
  }

  @Override
  public void headers(int id, ByteBuf block, boolean endStream) throws TunnelError {
    requests.headers(id, block, endStream);
  }

  @Override
  public void reset(int id, int code) throws TunnelError {
    var stream = tunnel.streams().get(id);
    if (stream == null) {
      requests.requireKnown(id, "RST_STREAM");
      guard.answered(FloodGuard.Nuisance.CLOSED_STREAM);
      return;
    }
    if (!client && !stream.isAnswered()) {
      guard.spend(FloodGuard.Nuisance.ABANDONED_REQUEST);
    }
    stream.close(new StreamClosed.Reset(code, true));
  }

  // the connection

  @Override
  public void setting(int id, long value) throws TunnelError {
    switch (id) {
      case PeerSettings.HEADER_TABLE_SIZE -> blocks.peerTableSize(value);
      case PeerSettings.MAX_CONCURRENT_STREAMS -> peer.maxStreams(value);
      case PeerSettings.MAX_FRAME_SIZE ->
          tunnel.output().peerFrameSize(PeerSettings.frameSize(value));
      case PeerSettings.INITIAL_WINDOW_SIZE -> {
        windowChange += peer.initialWindow(value);
      }
      case PeerSettings.EARLY_DATA -> peer.earlyData(value);
      default -> {} // RFC 9113 6.5.2: unknown ones are ignored; the others say nothing to a tunnel
    }
  }

  @Override
  public void settingsEnd() throws TunnelError {
    guard.spend(FloodGuard.Nuisance.SETTINGS);
    if (windowChange != 0) { // once a frame, however often it says so
      long change = windowChange;
      windowChange = 0;
      for (var stream : tunnel.streams().all()) {
        if (!stream.windowUpdate(change)) {
          throw TunnelError.flow("window of stream " + stream.id() + " over 2^31-1");
        }
      }
    }
    peer.frameSeen();
    tunnel.output().settingsAck();
    tunnel.planFlush();
    tunnel.owner().capacityChanged(tunnel);
  }

  @Override
  public void settingsAck() throws TunnelError {
    guard.spend(FloodGuard.Nuisance.SETTINGS); // one is due, for the SETTINGS sent
    windows.settingsAcknowledged();
  }

  @Override
  public void ping(boolean ack, long payload) throws TunnelError {
    guard.spend(FloodGuard.Nuisance.PING);
    if (!ack) {
      tunnel.output().pingAck(payload);
      tunnel.planFlush();
    } else if (payload == DRAIN_PING) {
      drainAcknowledged();
    } else {
      tunnel.pingAnswered();
    }
  }

  @Override
  public void windowUpdate(int id, int increment) throws TunnelError {
    if (increment < 1_024) {
      guard.answered(FloodGuard.Nuisance.TINY_WINDOW_UPDATE);
    }
    if (id == 0) {
      if (increment == 0) {
        throw TunnelError.protocol("WINDOW_UPDATE of 0");
      }
      tunnel.output().windowUpdate(increment);
      tunnel.wakeWaiting();
      return;
    }
    var stream = tunnel.streams().get(id);
    if (stream == null) {
      requests.requireKnown(id, "WINDOW_UPDATE");
      guard.answered(FloodGuard.Nuisance.CLOSED_STREAM);
    } else if (increment == 0) {
      stream.reset(H2Error.PROTOCOL_ERROR);
    } else if (!stream.windowUpdate(increment)) {
      stream.reset(H2Error.FLOW_CONTROL_ERROR); // RFC 9113 6.9.1: of this stream alone
    }
  }

  @Override
  public void goAway(int last, int code, String debug) throws TunnelError {
    guard.spend(FloodGuard.Nuisance.GOAWAY);
    if (client) {
      for (var stream : tunnel.streams().all()) {
        if (stream.id() > last) {
          // the peer has not processed it: as good as refused (RFC 9113 6.8)
          stream.close(new StreamClosed.Reset(H2Error.REFUSED_STREAM, true));
        }
      }
    }
    tunnel.end().peerDrains(code, debug);
  }

  @Override
  public void ignored(int type) throws TunnelError {
    guard.spend(FloodGuard.Nuisance.IGNORED);
  }

  // draining

  /// Tells the peer to open no more streams. A server first names no last stream, so that none that
  /// is on its way is lost, and the real one a round trip later (RFC 9113 6.8).
  void announceDrain() {
    if (client) {
      return;
    }
    drainPingUnanswered = true;
    tunnel.output().goAway(Integer.MAX_VALUE, H2Error.NO_ERROR, "");
    tunnel.output().pingBehind(DRAIN_PING);
    tunnel.planFlush();
  }

  private void drainAcknowledged() {
    if (drainPingUnanswered) {
      drainPingUnanswered = false;
      requests.refuseNewer();
      tunnel.output().goAway(requests.lastPeerStream(), H2Error.NO_ERROR, "");
      tunnel.planFlush();
      tunnel.end().closeIfDrained();
    }
  }

  /// Whether a tunnel without streams may be closed: nothing is on its way any more.
  boolean mayClose() {
    return !drainPingUnanswered;
  }
}
