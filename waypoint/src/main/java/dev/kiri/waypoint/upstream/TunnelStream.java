package dev.kiri.waypoint.upstream;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneFailure;
import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.StreamHandler;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.waypoint.http.EndpointSide;
import dev.kiri.waypoint.http.Gather;
import dev.kiri.waypoint.http.StreamOutput;
import dev.kiri.waypoint.http.UpstreamFailure;
import dev.kiri.waypoint.http.UpstreamFailure.Kind;
import io.netty.buffer.ByteBuf;

/// Feeds an endpoint's side from a stream to that endpoint, and says in the proxy's words why it
/// ended.
final class TunnelStream implements StreamHandler {
  private final StreamOutput out;
  private final EndpointSide side;
  private final Gather gather;
  private final Runnable whenSettled;
  private boolean settled;
  private boolean late;

  /// @param whenSettled runs once it is open, or will not be
  TunnelStream(StreamOutput out, EndpointSide side, Gather gather, Runnable whenSettled) {
    this.whenSettled = whenSettled;
    this.out = out;
    this.side = side;
    this.gather = gather;
  }

  /// Whether it opened, or failed to.
  boolean settled() {
    return settled;
  }

  private void settle() {
    if (!settled) {
      settled = true;
      whenSettled.run();
    }
  }

  /// It took too long to open; `closed` follows.
  void late() {
    late = true;
  }

  @Override
  public void opened(HboneStream stream, ConnectResponse response) {
    settle();
    if (response.accepted()) {
      out.attach(stream);
      side.writable();
      gather.flush();
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    side.received(borrowed);
  }

  @Override
  public void dataComplete() {
    gather.flush();
  }

  @Override
  public void end() {
    side.ended();
    gather.flush();
  }

  @Override
  public void writable() {
    side.writable();
    gather.flush();
  }

  @Override
  public void closed(StreamClosed why) {
    settle();
    switch (why) {
      case StreamClosed.Failed _ when late ->
          side.fail(UpstreamFailure.of(Kind.CONNECT_TIMEOUT, ""));
      case StreamClosed.Finished() -> side.closed();
      case StreamClosed.Reset(int code, boolean byPeer) -> side.fail(reset(code, byPeer));
      case StreamClosed.TunnelLost(String text) -> side.fail(UpstreamFailure.of(Kind.CLOSED, text));
      case StreamClosed.PeerRevoked _ ->
          side.fail(UpstreamFailure.of(Kind.CLOSED, StreamClosed.PeerRevoked.TEXT));
      case StreamClosed.Failed(HboneFailure failure) -> side.fail(failed(failure));
    }
    out.close();
    gather.flush();
  }

  /// NO_ERROR and CANCEL mean that the peer is done (hbone reference, stream events).
  private static UpstreamFailure reset(int code, boolean byPeer) {
    Kind kind =
        switch (code) {
          case H2Error.REFUSED_STREAM -> Kind.REFUSED_STREAM;
          case H2Error.NO_ERROR, H2Error.CANCEL -> Kind.CLOSED;
          default -> Kind.RESET;
        };
    return UpstreamFailure.of(kind, byPeer && kind == Kind.RESET ? H2Error.name(code) : "");
  }

  private static UpstreamFailure failed(HboneFailure failure) {
    return UpstreamFailure.of(
        failure instanceof HboneFailure.ConnectTimedOut
            ? Kind.CONNECT_TIMEOUT
            : failure instanceof HboneFailure.Saturated ? Kind.OVERFLOW : Kind.CONNECT_FAILED,
        failure.message());
  }
}
