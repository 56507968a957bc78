package dev.kiri.waypoint.http;

import dev.kiri.hbone.H2Error;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.http.UpstreamFailure.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 connection to an endpoint inside one stream, shared by many requests. Confined to the
/// stream's loop.
public final class Http2Client implements EndpointSide {
  /// Requests at a time before the endpoint has said how many it takes.
  private static final int ASSUMED_STREAMS = 100;

  /// Stream numbers end; a connection is left long before.
  private static final int LAST_STREAM = 1 << 30;

  private final StreamOutput out;
  private final Owner owner;
  private final Map<Integer, Exchange> exchanges = new HashMap<>();
  private final Http2Engine engine;
  private boolean leaving;
  private int paused;
  private boolean over;

  /// Whoever owns the connection.
  public interface Owner {
    /// A request has ended, so that another one may begin.
    void freed();

    /// The connection takes no more requests.
    void leaving(Http2Client client);

    /// The connection has ended, or nothing is under way on it any more behind [#leaving].
    void gone(Http2Client client);
  }

  public Http2Client(StreamOutput out, Owner owner) {
    this.out = out;
    this.owner = owner;
    this.engine = new Http2Engine(false, out, new Frames());
  }

  /// @param most requests at a time; 0: as many as the endpoint takes
  public boolean takesMore(int most) {
    int limit = Math.min(ASSUMED_STREAMS, engine.connection().local().maxActiveStreams());
    limit = most > 0 ? Math.min(most, limit) : limit;
    return !leaving
        && engine.isOpen()
        && exchanges.size() < limit
        && engine.connection().local().lastStreamCreated() < LAST_STREAM;
  }

  public boolean isIdle() {
    return exchanges.isEmpty();
  }

  /// How many requests were begun on it.
  public int carried() {
    return (engine.connection().local().lastStreamCreated() + 1) / 2;
  }

  public Upstream next(Response response) {
    int id = engine.connection().local().incrementAndGetNextStreamId();
    Exchange exchange = new Exchange(id, response);
    exchanges.put(id, exchange);
    return exchange;
  }

  @Override
  public void received(ByteBuf in) {
    if (!engine.received(in)) {
      fail(UpstreamFailure.of(Kind.PROTOCOL, ""));
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
    fail(UpstreamFailure.of(Kind.CLOSED, ""));
  }

  @Override
  public void writable() {
    if (out.drain()) {
      goOn();
    }
  }

  @Override
  public void closed() {
    fail(UpstreamFailure.of(Kind.CLOSED, ""));
  }

  @Override
  public void drain() {
    leave();
  }

  @Override
  public void fail(UpstreamFailure failure) {
    left();
    for (Exchange exchange : new ArrayList<>(exchanges.values())) {
      exchange.failed(failure);
    }
    engine.close();
    out.reset(H2Error.NO_ERROR);
    over();
  }

  private void left() {
    if (!leaving) {
      leaving = true;
      owner.leaving(this);
    }
  }

  private void over() {
    if (!over) {
      over = true;
      owner.gone(this);
    }
  }

  private void leave() {
    left();
    endIfLeft();
  }

  private void endIfLeft() {
    if (leaving && exchanges.isEmpty()) {
      out.end();
      over();
    }
  }

  /// A request is over.
  private void freed() {
    if (!leaving) {
      owner.freed();
    }
    endIfLeft();
  }

  private final class Frames extends Http2Frames {
    @Override
    void headers(int id, Http2Headers headers, boolean end) {
      Exchange exchange = exchanges.get(id);
      if (exchange != null) {
        exchange.headers(headers, end);
      }
    }

    @Override
    void data(int id, ByteBuf payload, boolean end) {
      Exchange exchange = exchanges.get(id);
      if (exchange != null) {
        exchange.data(payload, end);
      } else {
        engine.consumed(id, payload.readableBytes());
      }
    }

    @Override
    void reset(int id, long code) {
      Exchange exchange = exchanges.get(id);
      if (exchange != null) {
        Kind kind = code == H2Error.REFUSED_STREAM ? Kind.REFUSED_STREAM : Kind.RESET;
        exchange.failed(UpstreamFailure.of(kind, H2Error.name((int) code)));
      }
    }

    /// What is over was forgotten before: an exchange that is still there got what is no answer.
    @Override
    void closed(int id) {
      Exchange exchange = exchanges.get(id);
      if (exchange != null) {
        exchange.failed(UpstreamFailure.of(Kind.PROTOCOL, "malformed answer"));
      }
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int last, long code, ByteBuf debug) {
      leave();
      for (Exchange exchange : new ArrayList<>(exchanges.values())) {
        if (exchange.id > last) {
          exchange.failed(UpstreamFailure.of(Kind.REFUSED_STREAM, "GOAWAY"));
        }
      }
    }
  }

  /// One request on the connection.
  private final class Exchange implements Upstream {
    private final int id;
    private final Response response;
    private final Head head = new Head();
    private boolean answered;
    private boolean ended;
    private boolean over;
    private boolean waiting;

    /// What the client sends to be told an upgrade of HTTP/1.1, empty where it has none; null for a
    /// request that is no upgrade.
    private @Nullable String upgradeKey;

    Exchange(int id, Response response) {
      this.id = id;
      this.response = response;
    }

    void headers(Http2Headers headers, boolean end) {
      head.clear();
      try {
        if (answered) {
          Http2Heads.trailers(headers, head);
          finish();
          response.trailers(head);
          return;
        }
        Http2Heads.response(headers, head);
      } catch (MalformedMessage broken) {
        malformed(broken.problem().details());
        return;
      }
      if (head.status() < 200) {
        if (end) {
          malformed("interim answer at the end");
        } else {
          response.informed(head);
        }
        return;
      }
      answered = true;
      agree();
      if (end) {
        finish();
      }
      response.head(head, end);
    }

    /// Any 2xx agrees to an extended CONNECT (RFC 8441 5): the proxy knows that as 101.
    private void agree() {
      String key = upgradeKey;
      if (key != null && head.status() < 300) {
        head.status(101);
        head.set(HeaderName.UPGRADE, "websocket");
        if (!key.isEmpty()) {
          head.set(WebSockets.ACCEPT, WebSockets.accept(key));
        }
      }
    }

    private void malformed(String details) {
      exchanges.remove(id);
      engine.reset(id, H2Error.PROTOCOL_ERROR);
      failed(UpstreamFailure.of(Kind.PROTOCOL, details));
    }

    void data(ByteBuf payload, boolean end) {
      if (!answered) {
        engine.consumed(id, payload.readableBytes());
        malformed("body without a head");
        return;
      }
      if (payload.isReadable()) {
        response.body(payload);
      }
      if (end && !over) {
        finish();
        response.end();
      }
    }

    void failed(UpstreamFailure failure) {
      if (!over) {
        over = true;
        exchanges.remove(id);
        pause(false);
        response.failed(failure);
        freed();
      }
    }

    /// The answer is whole. A request still under way is of no use any more.
    private void finish() {
      over = true;
      exchanges.remove(id);
      pause(false);
      if (!ended) {
        engine.reset(id, H2Error.NO_ERROR);
      }
      freed();
    }

    void goOn() {
      if (waiting && engine.writable(id)) {
        pause(false);
        response.endpointWritable();
      }
    }

    private void pause(boolean wait) {
      if (wait != waiting) {
        waiting = wait;
        paused += wait ? 1 : -1;
      }
    }

    @Override
    public void send(Head request, boolean end) {
      ended = end;
      if (request.has(HeaderName.UPGRADE)) {
        String key = request.get(WebSockets.KEY);
        upgradeKey = key == null ? "" : key;
      }
      if (!over) {
        engine.headers(id, Http2Heads.ofRequest(request), end);
      }
    }

    @Override
    public boolean body(ByteBuf payload) {
      if (over) {
        payload.skipBytes(payload.readableBytes());
        return true;
      }
      pause(!engine.data(id, payload, false));
      return !waiting;
    }

    @Override
    public void end() {
      if (!ended && !over) {
        ended = true;
        engine.data(id, Unpooled.EMPTY_BUFFER, true);
      }
    }

    @Override
    public void trailers(Head trailers) {
      if (!ended && !over) {
        ended = true;
        engine.headers(id, Http2Heads.ofTrailers(trailers), true);
      }
    }

    @Override
    public void cancel() {
      if (!over) {
        over = true;
        exchanges.remove(id);
        pause(false);
        engine.reset(id, H2Error.CANCEL);
        freed();
      }
    }

    @Override
    public void consumed(int bytes) {
      engine.consumed(id, bytes);
    }
  }
}
