package dev.kiri.hbone.tunnel;

import dev.kiri.hbone.H2Error;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// What HEADERS frames mean: requests of a client, answers of a server, trailers of both (RFC 9113
/// 8), and which streams have ever been. Confined to the tunnel's loop.
final class Requests {
  private final Tunnel tunnel;
  private final HeaderBlocks blocks;
  private final PeerSettings peer;
  private final FloodGuard guard;
  private final boolean client;
  private int lastPeerStream;
  private int refuseAbove = Integer.MAX_VALUE;

  Requests(
      Tunnel tunnel, HeaderBlocks blocks, PeerSettings peer, FloodGuard guard, boolean client) {
    this.tunnel = tunnel;
    this.blocks = blocks;
    this.peer = peer;
    this.guard = guard;
    this.client = client;
  }

  int lastPeerStream() {
    return lastPeerStream;
  }

  /// Streams that the peer opens from now on are refused: it has been told which is the last one.
  void refuseNewer() {
    refuseAbove = lastPeerStream;
  }

  /// A frame for a stream that does not exist: fine if it did once.
  void requireKnown(int id, String what) throws TunnelError {
    boolean once = client ? (id & 1) == 1 && tunnel.wasOpened(id) : id <= lastPeerStream;
    if (!once) {
      throw TunnelError.protocol(what + " on idle stream " + id);
    }
  }

  void headers(int id, ByteBuf block, boolean endStream) throws TunnelError {
    var stream = tunnel.streams().get(id);
    if (stream != null && (!client || stream.isAnswered())) {
      trailers(stream, block, endStream);
    } else if (client) {
      response(id, stream, block, endStream);
    } else {
      request(id, block, endStream);
    }
  }

  private void trailers(TunnelStream stream, ByteBuf block, boolean endStream) throws TunnelError {
    blocks.skip(stream.id(), block);
    if (endStream) {
      stream.remoteEnd();
    } else {
      stream.reset(H2Error.PROTOCOL_ERROR); // RFC 9113 8.1: trailers end the stream
    }
  }

  private void response(int id, @Nullable TunnelStream stream, ByteBuf block, boolean end)
      throws TunnelError {
    if (stream == null) {
      requireKnown(id, "HEADERS");
      guard.answered(FloodGuard.Nuisance.CLOSED_STREAM);
      blocks.skip(id, block);
      return;
    }
    var response = blocks.readResponse(id, block);
    if (response == null) {
      stream.reset(H2Error.PROTOCOL_ERROR);
    } else if (response.status() >= 200) { // an interim answer says nothing here
      stream.answered(response, end);
    } else if (end) {
      stream.reset(H2Error.PROTOCOL_ERROR);
    }
  }

  private void request(int id, ByteBuf block, boolean endStream) throws TunnelError {
    if ((id & 1) == 0) {
      throw TunnelError.protocol("HEADERS on stream " + id);
    }
    var request = blocks.readRequest(id, block);
    if (id <= lastPeerStream) {
      guard.answered(FloodGuard.Nuisance.CLOSED_STREAM); // trailers of a stream that is over here
      return;
    }
    lastPeerStream = id;
    if (id > refuseAbove || tunnel.streams().size() >= tunnel.settings().maxStreams()) {
      guard.spend(FloodGuard.Nuisance.REFUSED_REQUEST);
      tunnel.sendReset(id, H2Error.REFUSED_STREAM);
      return;
    }
    switch (request) {
      case HeaderBlocks.Request.Malformed _ -> {
        guard.spend(FloodGuard.Nuisance.REFUSED_REQUEST);
        tunnel.sendReset(id, H2Error.PROTOCOL_ERROR);
      }
      case HeaderBlocks.Request.Bad(int status, String text) -> {
        guard.spend(FloodGuard.Nuisance.REFUSED_REQUEST);
        incoming(id, endStream).refuse(status);
        tunnel.owner().badRequest(tunnel.peer(), status, text);
      }
      case HeaderBlocks.Request.Connect(var connect) ->
          tunnel.owner().requested(tunnel, incoming(id, endStream), connect);
    }
  }

  private TunnelStream incoming(int id, boolean ended) {
    var stream = new TunnelStream(tunnel, id, null, peer.initialWindow());
    tunnel.streams().add(stream);
    if (ended) {
      stream.remoteEnd();
    }
    return stream;
  }
}
