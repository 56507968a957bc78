package dev.kiri.waypoint.http;

import dev.kiri.hbone.H2Error;
import dev.kiri.waypoint.head.Ascii;
import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.HopByHop;
import dev.kiri.waypoint.head.MalformedMessage;
import dev.kiri.waypoint.head.Span;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 connection to an endpoint inside one stream: one request at a time, reused while
/// both sides allow it.
///
/// Requests may be given before the stream is there. Confined to the stream's loop.
public final class Http1Client implements EndpointSide, Upstream {
  /// Whoever owns the connection between requests.
  public interface Owner {
    /// The answer is complete and the connection can take another request.
    void idle(Http1Client client);

    /// The connection must not be used any more.
    void gone(Http1Client client);
  }

  private static final ByteText HEAD_METHOD = ByteText.of("HEAD");
  private static final byte[] KEEP_ALIVE = HeadWriter.ascii("keep-alive");

  private enum State {
    IDLE,
    HEAD,
    BODY,
    RAW,
    CLOSED
  }

  private final StreamOutput out;
  private final Owner owner;
  private final HeadReader reader = new HeadReader(false);
  private final BodyReader body = new BodyReader();
  private final Head answer;
  private State state = State.IDLE;
  private @Nullable Response current;
  private boolean sent;
  private boolean chunked;
  private boolean toHead;
  private boolean upgrading;
  private boolean keepAlive;
  private boolean answerBegun;
  private long requests;
  private boolean endpointEnded;

  public Http1Client(StreamOutput out, Owner owner, Head answer) {
    this.out = out;
    this.owner = owner;
    this.answer = answer;
  }

  /// Whether an earlier request was answered on this connection.
  public boolean reused() {
    return requests > 1;
  }

  /// Takes the next request; `response` hears its answer.
  public Upstream next(Response response) {
    current = response;
    state = State.HEAD;
    sent = false;
    answerBegun = false;
    keepAlive = true;
    requests++;
    answer.clear();
    return this;
  }

  // ---- to the endpoint

  @Override
  public void send(Head head, boolean end) {
    if (state == State.CLOSED) {
      return;
    }
    toHead = head.is(head.method(), HEAD_METHOD);
    upgrading = head.has(HeaderName.UPGRADE);
    ByteBuf to = out.gather();
    HeadWriter.requestLine(head, to);
    HeadWriter.fields(head, to);
    chunked = !end && !upgrading && !head.has(HeaderName.CONTENT_LENGTH);
    if (chunked) {
      HeadWriter.chunked(to);
    }
    if (upgrading) {
      HeadWriter.upgrade(to);
      if (!head.has(WebSockets.KEY)) {
        HeadWriter.field(WebSockets.KEY.toString(), WebSockets.newKey(), to);
      }
    }
    HeadWriter.endOfHead(to);
    sent = end;
  }

  @Override
  public boolean body(ByteBuf payload) {
    if (state == State.CLOSED || (sent && state != State.RAW)) {
      payload.skipBytes(payload.readableBytes());
      return true;
    }
    return chunked ? Chunks.write(out, payload) : out.write(payload);
  }

  @Override
  public void end() {
    if (state == State.RAW) {
      out.end();
      return;
    }
    if (sent || state == State.CLOSED) {
      return;
    }
    sent = true;
    if (chunked) {
      HeadWriter.lastChunk(out.gather());
    }
  }

  @Override
  public void trailers(Head trailers) {
    end();
  }

  @Override
  public void cancel() {
    current = null;
    if (state != State.CLOSED && state != State.IDLE) {
      close(H2Error.CANCEL);
    }
  }

  @Override
  public void consumed(int bytes) {
    out.acknowledge(bytes);
  }

  // ---- from the endpoint

  @Override
  public void received(ByteBuf in) {
    try {
      while (in.isReadable() && state != State.CLOSED) {
        switch (state) {
          case HEAD -> readHead(in);
          case BODY -> readBody(in);
          case RAW -> raw(in);
          case IDLE -> close(H2Error.CANCEL);
          case CLOSED -> throw new IllegalStateException();
        }
      }
    } catch (MalformedMessage broken) {
      fail(UpstreamFailure.of(UpstreamFailure.Kind.PROTOCOL, broken.problem().details()));
    }
    out.acknowledge(in.readableBytes());
  }

  private void readHead(ByteBuf in) throws MalformedMessage {
    int before = in.readableBytes();
    boolean complete = reader.read(in, answer);
    out.acknowledge(before - in.readableBytes());
    answerBegun = true;
    Response response = current;
    if (!complete || response == null) {
      return;
    }
    int status = answer.status();
    if (status == 101) {
      if (!upgrading) {
        throw new MalformedMessage(dev.kiri.waypoint.head.HeadProblem.CODEC);
      }
      HopByHop.strip(answer);
      state = State.RAW;
      response.head(answer, false);
    } else if (status < 200) {
      HopByHop.strip(answer);
      response.informed(answer);
      answer.clear();
    } else {
      begin(response);
    }
  }

  private void begin(Response response) throws MalformedMessage {
    long length = Framing.ofResponse(answer, toHead);
    boolean persistent = answer.minorVersion() == 1 || saysKeepAlive();
    HopByHop.Connection connection = HopByHop.strip(answer);
    answer.remove(HeaderName.UPGRADE);
    if (answer.has(HeaderName.TRANSFER_ENCODING)) {
      answer.remove(HeaderName.TRANSFER_ENCODING);
    }
    keepAlive = persistent && !connection.close() && !upgrading && length != Framing.UNTIL_CLOSE;
    body.begin(length);
    state = State.BODY;
    boolean end = body.done();
    response.head(answer, end);
    if (end) {
      complete();
    }
  }

  private boolean saysKeepAlive() {
    int connection = answer.find(HeaderName.CONNECTION, 0);
    return connection >= 0
        && Ascii.equalsIgnoreCase(
            answer.bytes(),
            Span.start(answer.value(connection)),
            Span.length(answer.value(connection)),
            KEEP_ALIVE);
  }

  private void readBody(ByteBuf in) throws MalformedMessage {
    int before = in.readableBytes();
    int run = body.next(in);
    out.acknowledge(before - in.readableBytes());
    Response response = current;
    if (run > 0) {
      ByteBuf payload = in.readSlice(run);
      if (response == null) {
        out.acknowledge(run);
      } else {
        response.body(payload);
      }
    }
    if (body.done() && state == State.BODY) {
      finished();
    }
  }

  private void finished() {
    Response response = current;
    if (response != null) {
      response.end();
    }
    complete();
  }

  /// The answer is whole. Without the whole request the connection cannot be used again.
  private void complete() {
    current = null;
    if (state == State.CLOSED) {
      return;
    }
    if (!keepAlive || !sent || endpointEnded) {
      close(H2Error.NO_ERROR);
      return;
    }
    state = State.IDLE;
    owner.idle(this);
  }

  private void raw(ByteBuf in) {
    ByteBuf all = in.readSlice(in.readableBytes());
    Response response = current;
    if (response == null) {
      out.acknowledge(all.readableBytes());
    } else {
      response.body(all);
    }
  }

  @Override
  public void ended() {
    endpointEnded = true;
    switch (state) {
      case IDLE -> close(H2Error.NO_ERROR);
      case HEAD -> fail(UpstreamFailure.of(UpstreamFailure.Kind.CLOSED, ""));
      case BODY -> {
        if (body.endsWithConnection()) {
          finished();
        } else {
          fail(UpstreamFailure.of(UpstreamFailure.Kind.CLOSED, ""));
        }
      }
      case RAW -> {
        Response response = current;
        if (response != null) {
          response.end();
        }
        // What the client still says has nobody to hear it.
        close(H2Error.NO_ERROR);
      }
      case CLOSED -> {}
    }
  }

  @Override
  public void writable() {
    Response response = current;
    if (out.drain() && response != null) {
      response.endpointWritable();
    }
  }

  @Override
  public void closed() {
    if (state != State.CLOSED) {
      fail(UpstreamFailure.of(UpstreamFailure.Kind.CLOSED, ""));
    }
  }

  @Override
  public void drain() {
    keepAlive = false;
    if (state == State.IDLE) {
      close(H2Error.NO_ERROR);
    }
  }

  /// Ends the connection and whatever waits on it. A reused connection that went away before the
  /// first byte of an answer has most likely not taken the request.
  @Override
  public void fail(UpstreamFailure failure) {
    Response response = current;
    boolean stale = reused() && !answerBegun && failure.kind() == UpstreamFailure.Kind.CLOSED;
    close(H2Error.CANCEL);
    if (response != null) {
      response.failed(
          stale ? new UpstreamFailure(failure.kind(), failure.transport(), true) : failure);
    }
  }

  private void close(int code) {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      current = null;
      out.reset(code);
      owner.gone(this);
    }
  }
}
