package dev.kiri.hbone.blocking;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.TunnelPeer;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.pool.Opening;
import dev.kiri.hbone.server.IncomingConnect;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.Function;

/// One application connection as blocking streams, like a `Socket`. For platform and virtual
/// threads, not for event loops.
///
/// One thread reads and one thread writes at a time; the two may differ. [OutputStream#write]
/// returns when the tunnel has taken the bytes: a peer that does not read stops the writer. What
/// arrives unread is bounded by the tunnel's stream window (4 MiB). An end of input means that the
/// peer ended its direction; a connection that broke throws [IOException] with the reason.
/// Interrupting a blocked thread throws [InterruptedIOException].
public final class HboneSocket implements AutoCloseable {
  private final Exchange exchange;
  private final StreamInput input;
  private final StreamOutput output;

  private HboneSocket(Exchange exchange) {
    this.exchange = exchange;
    this.input = new StreamInput(exchange);
    this.output = new StreamOutput(exchange);
  }

  /// Opens a stream by `open` and waits for the answer.
  public static HboneSocket open(Function<StreamHandler, Opening> open) throws IOException {
    var exchange = new Exchange();
    var opening = open.apply(exchange);
    try {
      exchange.awaitOpened();
    } catch (InterruptedIOException e) {
      opening.cancel();
      exchange.reset(H2Error.CANCEL);
      throw e;
    }
    return new HboneSocket(exchange);
  }

  /// Accepts a request with 200. Called on the request's loop; does not block.
  public static HboneSocket accept(IncomingConnect incoming) {
    var exchange = new Exchange();
    exchange.joined(incoming.accept(ConnectResponse.OK, exchange));
    return new HboneSocket(exchange);
  }

  public InputStream inputStream() {
    return input;
  }

  public OutputStream outputStream() {
    return output;
  }

  /// How long a read waits before it throws [java.net.SocketTimeoutException]; zero, the default,
  /// waits for ever.
  public void readTimeout(Duration timeout) {
    input.timeout(timeout);
  }

  /// Ends the sending direction; reading goes on.
  public void shutdownOutput() {
    exchange.endOutput();
  }

  /// The verified other end of the tunnel: a proxy speaks for the workload whose identity this is.
  public TunnelPeer peer() {
    return exchange.stream().peer();
  }

  /// Ends both directions. If the peer has not ended its own, the stream is reset: read to the end
  /// first where the peer's answer matters.
  @Override
  public void close() {
    exchange.endOutput();
    exchange.reset(H2Error.CANCEL);
  }
}
