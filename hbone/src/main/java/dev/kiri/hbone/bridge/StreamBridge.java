package dev.kiri.hbone.bridge;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// Joins an application's TCP channel with a stream (the mapping of istio/ztunnel `src/copy.rs`).
/// Confined to the channel's loop, which must be the stream's.
///
/// Attach as soon as the channel exists: bytes and FIN may arrive before the stream does, even with
/// reading switched off, and are kept. Then pass [#handler()] to `HbonePool.open` or
/// `IncomingConnect.accept`; the bridge joins a client's stream when the peer answers 200, a
/// server's stream in [#join].
///
/// FIN ↔ END_STREAM in each direction, RST ↔ RST_STREAM CONNECT_ERROR for both (RFC 9113 8.5;
/// upstream makes a FIN of it, and of what this end sends). RST_STREAM with NO_ERROR, CANCEL or
/// STREAM_CLOSED says that the peer is done, as upstream's proxies mean it: FIN. A tunnel that is
/// lost is a FIN as well. The channel is closed when both directions are over.
public final class StreamBridge implements StreamHandler, TcpSide.Other {
  private final TcpSide tcp;
  private final BridgeObserver observer;
  private final Leftovers leftovers = new Leftovers();
  private @Nullable HboneStream stream;
  private @Nullable String errorText;
  private boolean tcpReadEnded;
  private boolean tcpReset;
  private boolean streamEnded;
  private boolean streamOver;
  private boolean tcpGone;
  private boolean told;
  private long unacknowledged;
  // one piece of the chunk under way, valid until dataComplete()
  private @Nullable ByteBuf pieceMemory;
  private int pieceStart;
  private int pieceLength;

  /// The channel must be registered with its loop; the bridge adds itself at the end of its
  /// pipeline and stops reading until joined.
  public static StreamBridge attach(Channel tcp, BridgeObserver observer) {
    var bridge = new StreamBridge(tcp, observer);
    bridge.tcp.deliverHeld();
    return bridge;
  }

  private StreamBridge(Channel channel, BridgeObserver observer) {
    this.observer = observer;
    this.tcp = TcpSide.attach(channel, this);
  }

  /// What the stream's calls go to.
  public StreamHandler handler() {
    return this;
  }

  /// Bytes flow from now on. A second call is ignored.
  public void join(HboneStream opened) {
    if (stream != null || streamOver) {
      return;
    }
    if (tcpGone) {
      opened.reset(H2Error.CANCEL);
      return;
    }
    stream = opened;
    if (sendLeftovers(opened)) {
      tcp.begin();
    }
  }

  /// Ends everything at once: RST_STREAM CANCEL and a closed channel.
  public void abort() {
    abort(null);
  }

  /// Like [#abort()], with what the observer is told.
  public void abort(@Nullable String text) {
    if (errorText == null) {
      errorText = text;
    }
    var joined = stream;
    if (joined != null && !streamOver) {
      joined.reset(H2Error.CANCEL);
    }
    tcp.channel().close();
    streamOver = true;
    finish();
  }

  // TCP → stream

  @Override
  public int capacity() {
    var joined = stream;
    return joined == null || !leftovers.isEmpty() ? 0 : joined.writableBytes();
  }

  @Override
  public void read(ByteBuf scratch) {
    var joined = stream;
    if (streamOver) {
      return;
    }
    if (joined == null || !leftovers.isEmpty()) {
      leftovers.add(scratch);
      return;
    }
    int bytes = scratch.readableBytes();
    if (!joined.writeScratch(scratch)) {
      bytes -= scratch.readableBytes();
      leftovers.add(scratch);
      tcp.pause();
    }
    if (bytes > 0) {
      observer.sent(bytes);
    }
  }

  /// Answers whether nothing is left, i.e. whether reading may go on.
  private boolean sendLeftovers(HboneStream to) {
    long before = leftovers.bytes();
    boolean all = leftovers.send(to);
    if (before > leftovers.bytes()) {
      observer.sent(before - leftovers.bytes());
    }
    if (all && tcpReadEnded) {
      endStream(to);
    }
    if (all && tcpGone && !streamOver) {
      to.reset(H2Error.CANCEL); // nobody is left to take what the peer may still send
    }
    return all;
  }

  private void endStream(HboneStream of) {
    if (tcpReset) {
      of.reset(H2Error.CONNECT_ERROR);
    } else {
      of.end();
    }
  }

  @Override
  public void readEnded(@Nullable String resetText) {
    tcpReadEnded = true;
    tcpReset = resetText != null;
    var joined = stream;
    if (joined != null && !streamOver && leftovers.isEmpty()) {
      endStream(joined);
    }
    tcp.closeIfEnded();
  }

  @Override
  public void writable() {
    var joined = stream;
    if (joined != null && sendLeftovers(joined)) {
      tcp.resume();
    }
  }

  // stream → TCP

  @Override
  public void opened(HboneStream opened, ConnectResponse response) {
    if (response.accepted()) {
      join(opened);
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    int length = borrowed.readableBytes();
    if (!tcp.canWrite()) {
      discard(length);
      return;
    }
    unacknowledged += length;
    observer.received(length);
    if (pieceMemory != null) {
      writePieceLater();
      tcp.writeLater(borrowed, borrowed.readerIndex(), length);
      pieceLength = 0;
      return;
    }
    if (pieceLength == 0 && tcp.pending() == 0) {
      pieceMemory = borrowed;
      pieceStart = borrowed.readerIndex();
      pieceLength = length;
    } else {
      tcp.writeLater(borrowed, borrowed.readerIndex(), length);
    }
  }

  private void writePieceLater() {
    var memory = pieceMemory;
    if (memory != null) {
      pieceMemory = null;
      tcp.writeLater(memory, pieceStart, pieceLength);
    }
  }

  @Override
  public void dataComplete() {
    var memory = pieceMemory;
    if (memory != null) {
      pieceMemory = null;
      tcp.write(memory, pieceStart, pieceLength);
    } else {
      tcp.flush();
    }
    pieceLength = 0;
    acknowledgeTaken();
  }

  // nobody can take it any more: the sender is told by a reset, its credit is not held back
  private void discard(int length) {
    var joined = stream;
    if (joined != null) {
      joined.acknowledge(length);
      if (tcpGone) {
        joined.reset(H2Error.CANCEL);
      }
    }
  }

  private void acknowledgeTaken() {
    long taken = unacknowledged - tcp.pending();
    var joined = stream;
    if (taken > 0 && joined != null) {
      unacknowledged -= taken;
      joined.acknowledge((int) taken);
    }
  }

  @Override
  public void progress() {
    acknowledgeTaken();
  }

  @Override
  public void end() {
    streamEnded = true;
    dataComplete(); // the end comes in the middle of a chunk
    tcp.endOutput();
  }

  @Override
  public void closed(StreamClosed why) {
    dataComplete();
    streamOver = true;
    leftovers.release();
    switch (why) {
      case StreamClosed.Finished _ -> tcp.endOutput();
      case StreamClosed.Reset(int code, boolean byPeer) -> reset(code, byPeer);
      case StreamClosed.TunnelLost(String text) -> {
        error("receive: io error: " + text);
        tcp.closeWhenDrained();
      }
      case StreamClosed.PeerRevoked _ -> {
        error(StreamClosed.PeerRevoked.TEXT);
        tcp.channel().close();
      }
      case StreamClosed.Failed(var failure) -> {
        error(failure.message());
        tcp.channel().close();
      }
    }
    finish();
  }

  private void reset(int code, boolean byPeer) {
    if (H2Error.isDone(code) || byPeer && streamEnded) { // it had said all that it has to say
      tcp.closeWhenDrained();
    } else if (byPeer) {
      error("receive: io error: stream error received: " + H2Error.name(code));
      tcp.resetWhenDrained();
    } else {
      if (code == H2Error.ENHANCE_YOUR_CALM) {
        error("send: the reader stalls, and this process is short of direct memory");
      }
      tcp.resetNow(); // what waits for its reader may be why
    }
  }

  private void error(String text) {
    if (errorText == null) {
      errorText = text;
    }
  }

  @Override
  public void gone() {
    tcpGone = true;
    var joined = stream;
    if (joined != null && !streamOver && !leftovers.isEmpty()) {
      return; // what was read before still goes to the peer, as its windows allow
    }
    leftovers.release();
    if (joined != null && !streamOver) {
      joined.reset(H2Error.CANCEL);
    }
    finish();
  }

  private void finish() {
    if (!told && tcpGone && (streamOver || stream == null)) {
      told = true;
      observer.closed(errorText);
    }
  }
}
