package dev.kiri.waypoint.http;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The client's HTTP/2 connection inside one stream (prior knowledge). Confined to the stream's
/// loop.
final class Http2Server implements StreamSide {
  private static final ByteText CONNECT = ByteText.of("CONNECT");

  private final HboneStream stream;
  private final StreamOutput out;
  private final RequestReceiver receiver;
  private final Map<Integer, Exchange> exchanges = new HashMap<>();
  private final Http2Engine engine;
  private boolean draining;
  private int paused;
  private int idleSweeps;

  Http2Server(HboneStream stream, StreamOutput out, RequestReceiver receiver) {
    this.stream = stream;
    this.out = out;
    this.receiver = receiver;
    this.engine = new Http2Engine(true, out, new Frames());
  }

  @Override
  public void received(ByteBuf in) {
    if (!engine.received(in)) {
      close();
      out.end();
    } else if (paused > 0) {
      goOn();
    }
  }

  private void goOn() {
    for (Exchange exchange : new ArrayList<>(exchanges.values())) {
      exchange.goOn();
    }
  }

  @Override
  public void ended() {
    close();
    out.end();
  }

  @Override
  public void writable() {
    if (out.drain()) {
      goOn();
    }
  }

  @Override
  public void closed() {
    close();
    out.close();
  }

  @Override
  public void drain() {
    if (!draining) {
      draining = true;
      engine.goAway();
      endIfDrained();
    }
  }

  @Override
  public void sweep() {
    idleSweeps = exchanges.isEmpty() ? idleSweeps + 1 : 0;
    if (idleSweeps > Http1Server.MAX_IDLE_SWEEPS) {
      drain();
    }
  }

  private void endIfDrained() {
    if (draining && exchanges.isEmpty()) {
      out.end();
    }
  }

  private void close() {
    for (Exchange exchange : new ArrayList<>(exchanges.values())) {
      exchange.gone();
    }
    engine.close();
  }

  private final class Frames extends Http2Frames {
    @Override
    void headers(int id, Http2Headers headers, boolean end) {
      Exchange known = exchanges.get(id);
      if (known != null) {
        known.trailersFromClient(headers);
        return;
      }
      Exchange exchange = new Exchange(id);
      exchanges.put(id, exchange);
      exchange.begin(headers, end);
    }

    @Override
    void data(int id, ByteBuf payload, boolean end) {
      Exchange exchange = exchanges.get(id);
      if (exchange != null) {
        exchange.dataFromClient(payload, end);
      } else {
        engine.consumed(id, payload.readableBytes());
      }
    }

    @Override
    void reset(int id, long code) {
      closed(id);
    }

    /// Also what the codec resets by itself, for what the client sent.
    @Override
    void closed(int id) {
      Exchange exchange = exchanges.get(id);
      if (exchange != null && !exchange.ending) {
        exchange.gone();
      }
    }
  }

  /// One stream of the client's connection.
  private final class Exchange implements Downstream {
    private final int id;
    private @Nullable Request request;
    private boolean clientDone;
    private boolean waiting;

    /// The end of the answer is being sent, by which the stream may be closed.
    private boolean ending;

    Exchange(int id) {
      this.id = id;
    }

    void begin(Http2Headers headers, boolean end) {
      Head head = receiver.newHead();
      clientDone = end;
      @Nullable String upgrade;
      try {
        upgrade = Http2Heads.request(headers, head);
      } catch (MalformedMessage refused) {
        receiver.malformed(head, refused.problem(), this);
        return;
      }
      boolean connect = head.is(head.method(), CONNECT);
      request = receiver.request(new RequestStart(head, end, upgrade, connect), this);
    }

    void dataFromClient(ByteBuf payload, boolean end) {
      clientDone |= end;
      Request handler = request;
      if (handler == null) {
        consumed(payload.readableBytes());
        return;
      }
      if (payload.isReadable()) {
        handler.body(payload);
      }
      if (end) {
        handler.end();
      }
    }

    void trailersFromClient(Http2Headers headers) {
      clientDone = true;
      Request handler = request;
      if (handler == null) {
        return;
      }
      Head trailers = new Head();
      try {
        Http2Heads.trailers(headers, trailers);
        handler.trailers(trailers);
      } catch (MalformedMessage refused) {
        engine.reset(id, H2Error.PROTOCOL_ERROR);
        gone();
      }
    }

    void gone() {
      exchanges.remove(id);
      pause(false);
      Request handler = request;
      request = null;
      if (handler != null) {
        handler.clientGone();
      }
      endIfDrained();
    }

    void goOn() {
      Request handler = request;
      if (waiting && handler != null && engine.writable(id)) {
        pause(false);
        handler.clientWritable();
      }
    }

    @Override
    public EventLoop loop() {
      return stream.loop();
    }

    @Override
    public boolean http2() {
      return true;
    }

    @Override
    public void inform(Head head) {
      engine.headers(id, Http2Heads.ofResponse(head), false);
    }

    @Override
    public void respond(Head head, boolean end) {
      if (!exchanges.containsKey(id)) {
        return;
      }
      head.remove(HeaderName.UPGRADE);
      if (head.status() == 101) {
        // An extended CONNECT is agreed to by any 2xx (RFC 8441 5).
        head.status(200);
        head.remove(WebSockets.ACCEPT);
      }
      ending |= end;
      engine.headers(id, Http2Heads.ofResponse(head), end);
      if (end) {
        finish();
      }
    }

    @Override
    public boolean body(ByteBuf payload) {
      pause(!engine.data(id, payload, false));
      return !waiting;
    }

    private void pause(boolean wait) {
      if (wait != waiting) {
        waiting = wait;
        paused += wait ? 1 : -1;
      }
    }

    @Override
    public void end() {
      if (exchanges.containsKey(id)) {
        ending = true;
        engine.data(id, io.netty.buffer.Unpooled.EMPTY_BUFFER, true);
        finish();
      }
    }

    @Override
    public void trailers(Head trailers) {
      if (exchanges.containsKey(id)) {
        ending = true;
        engine.headers(id, Http2Heads.ofTrailers(trailers), true);
        finish();
      }
    }

    /// The answer is sent. What is left of the request is not wanted (RFC 9113 8.1).
    private void finish() {
      exchanges.remove(id);
      pause(false);
      request = null;
      if (!clientDone) {
        engine.reset(id, H2Error.NO_ERROR);
      }
      endIfDrained();
    }

    @Override
    public void abort() {
      if (exchanges.remove(id) != null) {
        request = null;
        pause(false);
        engine.reset(id, H2Error.INTERNAL_ERROR);
        endIfDrained();
      }
    }

    @Override
    public void consumed(int bytes) {
      engine.consumed(id, bytes);
    }
  }
}
