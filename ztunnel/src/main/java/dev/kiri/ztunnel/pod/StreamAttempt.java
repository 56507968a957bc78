package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.bridge.BridgeObserver;
import dev.kiri.hbone.bridge.StreamBridge;
import dev.kiri.hbone.bridge.TcpHold;
import dev.kiri.hbone.connect.ConnectResponse;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// One try to get a stream for a client. The client, which must be held ([TcpHold]), gives nothing
/// away before the peer has accepted: a try that fails leaves it for the next one, with all that it
/// has said, even if the peer was told some of it along with the request. Confined to the client's
/// loop.
final class StreamAttempt implements StreamHandler {

  /// Hears how the try ended: accepted and joined, or failed.
  interface Outcome {
    /// The peer has accepted; who hears of the bytes.
    BridgeObserver accepted(HboneStream stream, ConnectResponse response);

    /// The client is joined with the stream: right after [#accepted].
    void joined(StreamBridge bridge);

    /// The stream did not open. With `told` the peer was told what the client had said.
    void failed(HboneFailure why, boolean told);
  }

  private final Channel client;
  private final Outcome outcome;
  private @Nullable StreamHandler joined;
  private int told; // bytes that went along with the request

  StreamAttempt(Channel client, Outcome outcome) {
    this.client = client;
    this.outcome = outcome;
  }

  @Override
  public void asked(HboneStream stream) {
    told = TcpHold.tell(client, stream);
  }

  @Override
  public void opened(HboneStream stream, ConnectResponse response) {
    if (!response.accepted()) {
      return; // closed() says why
    }
    var observer = outcome.accepted(stream, response);
    if (told > 0) {
      TcpHold.forget(client, told);
      observer.sent(told);
    }
    var bridge = StreamBridge.attach(client, observer);
    joined = bridge.handler();
    outcome.joined(bridge);
    bridge.join(stream);
  }

  @Override
  public void closed(StreamClosed why) {
    if (joined != null) {
      joined.closed(why);
    } else {
      outcome.failed(
          why instanceof StreamClosed.Failed(var failure)
              ? failure
              : new HboneFailure.StreamFailed(why.toString()),
          told > 0);
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    if (joined != null) {
      joined.data(borrowed);
    }
  }

  @Override
  public void dataComplete() {
    if (joined != null) {
      joined.dataComplete();
    }
  }

  @Override
  public void end() {
    if (joined != null) {
      joined.end();
    }
  }

  @Override
  public void writable() {
    if (joined != null) {
      joined.writable();
    }
  }
}
