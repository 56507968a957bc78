package dev.kiri.waypoint.http;

import dev.kiri.hbone.H2Error;
import dev.kiri.hbone.HboneStream;
import dev.kiri.waypoint.head.ByteText;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeadProblem;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.head.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/// The client's HTTP/1.1 connection inside one stream: one request at a time, pipelined ones wait.
///
/// | State | Bytes of the client |
/// |---|---|
/// | HEAD | are a request's head |
/// | BODY | are a request's body |
/// | DISCARD | are the rest of a body nobody wants; bounded, then the stream ends |
/// | WAIT | belong to a later request: kept without giving credit back |
/// | RAW | are passed on as they are, behind an upgrade |
/// | CLOSED | are ignored |
///
/// Confined to the stream's loop.
final class Http1Server implements StreamSide, Downstream {
  /// How much of an unwanted body is read to keep a connection; more is cheaper to cut off.
  private static final long MAX_DISCARD = 256 * 1024;

  /// How many sweeps a head may take: a minute.
  private static final int MAX_HEAD_SWEEPS = 6;

  /// And how many a connection may lie idle: an hour, as upstream's.
  static final int MAX_IDLE_SWEEPS = 360;

  private static final ByteText HEAD_METHOD = ByteText.of("HEAD");

  private enum State {
    HEAD,
    BODY,
    DISCARD,
    WAIT,
    RAW,
    CLOSED
  }

  private final HboneStream stream;
  private final StreamOutput out;
  private final RequestReceiver receiver;
  private final HeadReader reader = new HeadReader(true);
  private final BodyReader body = new BodyReader();
  private final Early early = new Early();
  private State state = State.HEAD;
  private Head head;
  private @Nullable Request current;
  private boolean keepAlive = true;
  private boolean expectsContinue;
  private boolean toHead;
  private boolean answering;
  private boolean answered;
  private boolean chunkedAnswer;
  private boolean bodylessAnswer;
  private boolean clientEnded;
  private boolean draining;
  private long discarded;
  private int sweeps;

  Http1Server(HboneStream stream, StreamOutput out, RequestReceiver receiver) {
    this.stream = stream;
    this.out = out;
    this.receiver = receiver;
    this.head = receiver.newHead();
  }

  // ---- from the client

  @Override
  public void received(ByteBuf in) {
    try {
      while (in.isReadable() && state != State.CLOSED) {
        switch (state) {
          case HEAD -> readHead(in);
          case BODY -> readBody(in);
          case DISCARD -> discard(in);
          case RAW -> raw(in);
          case WAIT -> early.keep(in);
          case CLOSED -> throw new IllegalStateException();
        }
      }
    } catch (MalformedMessage refused) {
      malformed(refused.problem());
    }
    // Nobody wants what is left, and the tunnel's credit must not be lost with it.
    stream.acknowledge(in.readableBytes());
  }

  private void readHead(ByteBuf in) throws MalformedMessage {
    if (!reader.midway()) {
      sweeps = 0;
    }
    int before = in.readableBytes();
    boolean complete;
    try {
      complete = reader.read(in, head);
    } finally {
      stream.acknowledge(before - in.readableBytes());
    }
    if (complete) {
      begin();
    }
  }

  private void begin() throws MalformedMessage {
    RequestChecks.Checked checked = RequestChecks.check(head);
    keepAlive = checked.keepAlive() && !draining;
    expectsContinue = checked.expectsContinue();
    toHead = head.is(head.method(), HEAD_METHOD);
    answering = false;
    answered = false;
    chunkedAnswer = false;
    body.begin(checked.length());
    boolean end = body.done() && checked.upgrade() == null;
    state = body.done() ? State.WAIT : State.BODY;
    Head request = head;
    head = receiver.newHead();
    Request handler =
        receiver.request(
            new RequestStart(request, end, checked.upgrade(), checked.connect()), this);
    if (!answered) {
      current = handler;
    }
  }

  private void readBody(ByteBuf in) throws MalformedMessage {
    int before = in.readableBytes();
    int run = body.next(in);
    stream.acknowledge(before - in.readableBytes());
    Request request = current;
    if (run > 0) {
      ByteBuf payload = in.readSlice(run);
      if (request == null) {
        stream.acknowledge(run);
      } else {
        request.body(payload);
      }
    }
    if (body.done() && state == State.BODY) {
      state = State.WAIT;
      if (request != null) {
        request.end();
      }
    }
  }

  private void discard(ByteBuf in) throws MalformedMessage {
    int before = in.readableBytes();
    in.skipBytes(body.next(in));
    int used = before - in.readableBytes();
    discarded += used;
    stream.acknowledge(used);
    if (body.done()) {
      next();
    } else if (discarded > MAX_DISCARD) {
      close(H2Error.NO_ERROR);
    }
  }

  private void raw(ByteBuf in) {
    ByteBuf all = in.readSlice(in.readableBytes());
    Request request = current;
    if (request == null) {
      stream.acknowledge(all.readableBytes());
    } else {
      request.body(all);
    }
  }

  private void malformed(HeadProblem problem) {
    keepAlive = false;
    state = State.CLOSED;
    Request request = current;
    if (request == null) {
      answering = false;
      answered = false;
      receiver.malformed(head, problem, this);
    } else {
      // In the middle of a body: the endpoint must not take what it has for the whole.
      current = null;
      request.clientGone();
      out.reset(H2Error.PROTOCOL_ERROR);
    }
  }

  @Override
  public void ended() {
    clientEnded = true;
    Request request = current;
    switch (state) {
      case HEAD -> {
        state = State.CLOSED;
        out.end();
      }
      case BODY, DISCARD -> {
        state = State.CLOSED;
        current = null;
        if (request != null) {
          request.clientGone();
        }
        out.reset(H2Error.CANCEL);
      }
      case RAW -> {
        if (request != null) {
          request.end();
        }
      }
      case WAIT, CLOSED -> {}
    }
  }

  @Override
  public void writable() {
    Request request = current;
    if (out.drain() && request != null) {
      request.clientWritable();
    }
  }

  @Override
  public void closed() {
    state = State.CLOSED;
    Request request = current;
    current = null;
    out.close();
    early.release();
    if (request != null) {
      request.clientGone();
    }
  }

  @Override
  public void drain() {
    draining = true;
    keepAlive = false;
    if (state == State.HEAD && !reader.midway()) {
      state = State.CLOSED;
      out.end();
    }
  }

  @Override
  public void sweep() {
    if (state != State.HEAD) {
      return;
    }
    sweeps++;
    if (reader.midway()) {
      if (sweeps > MAX_HEAD_SWEEPS) {
        malformed(HeadProblem.TOO_SLOW);
      }
    } else if (sweeps > MAX_IDLE_SWEEPS) {
      drain();
    }
  }

  // ---- to the client

  @Override
  public EventLoop loop() {
    return stream.loop();
  }

  @Override
  public boolean http2() {
    return false;
  }

  @Override
  public void inform(Head interim) {
    if (answering) {
      return;
    }
    if (interim.status() == 100) {
      expectsContinue = false;
    }
    ByteBuf to = out.gather();
    HeadWriter.statusLine(interim, to);
    HeadWriter.fields(interim, to);
    HeadWriter.endOfHead(to);
  }

  @Override
  public void respond(Head answer, boolean end) {
    if (answering) {
      return;
    }
    answering = true;
    if (expectsContinue && state == State.BODY) {
      // The client may or may not send the body now: the only safe way on is a new connection.
      keepAlive = false;
    }
    int status = answer.status();
    boolean switching = status == 101;
    boolean bodyless = toHead || status == 204 || status == 304;
    bodylessAnswer = bodyless;
    ByteBuf to = out.gather();
    HeadWriter.statusLine(answer, to);
    HeadWriter.fields(answer, to);
    if (switching) {
      HeadWriter.upgrade(to);
    } else if (!answer.has(HeaderName.CONTENT_LENGTH)) {
      chunkedAnswer = !bodyless && !end;
      if (chunkedAnswer) {
        HeadWriter.chunked(to);
      } else if (!bodyless) {
        HeadWriter.noBody(to);
      }
    }
    if (!keepAlive && !switching) {
      HeadWriter.close(to);
    }
    HeadWriter.endOfHead(to);
    if (switching) {
      state = State.RAW;
      early.replay(this::received);
    } else if (end) {
      finish();
    }
  }

  @Override
  public boolean body(ByteBuf payload) {
    if (answered || bodylessAnswer) {
      payload.skipBytes(payload.readableBytes());
      return true;
    }
    return chunkedAnswer ? Chunks.write(out, payload) : out.write(payload);
  }

  @Override
  public void trailers(Head trailers) {
    end();
  }

  @Override
  public void end() {
    if (answered) {
      return;
    }
    if (state == State.RAW) {
      answered = true;
      out.end();
      return;
    }
    if (chunkedAnswer) {
      HeadWriter.lastChunk(out.gather());
    }
    finish();
  }

  private void finish() {
    answered = true;
    current = null;
    boolean more = state == State.BODY;
    if (!keepAlive || state == State.CLOSED || clientEnded) {
      out.end();
      if (more) {
        // The rest of the request is not wanted: tell the client once it has the answer.
        state = State.DISCARD;
      } else {
        state = State.CLOSED;
      }
      return;
    }
    if (more) {
      discarded = 0;
      state = State.DISCARD;
    } else {
      next();
    }
  }

  private void next() {
    if (!keepAlive) {
      state = State.CLOSED;
      return;
    }
    state = State.HEAD;
    sweeps = 0;
    early.replay(this::received);
  }

  @Override
  public void abort() {
    current = null;
    answered = true;
    close(H2Error.INTERNAL_ERROR);
  }

  private void close(int code) {
    state = State.CLOSED;
    out.reset(code);
  }

  @Override
  public void consumed(int bytes) {
    stream.acknowledge(bytes);
  }
}
