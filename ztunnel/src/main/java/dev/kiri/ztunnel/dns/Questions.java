package dev.kiri.ztunnel.dns;

import dev.kiri.mesh.workload.Workload;
import dev.kiri.ztunnel.dns.DnsMetrics.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The questions of one pod, each from its message to its answer. Confined to the pod's event loop
/// for names.
///
/// At most [#MAX_IN_FLIGHT] are open at once; more are answered with a failure at once, so that a
/// client that asks again and again does not wait behind itself.
final class Questions {
  static final int MAX_IN_FLIGHT = 256;

  private static final Logger LOG = LoggerFactory.getLogger("dns");

  private final DnsProxy proxy;
  private final EventLoop loop;
  private final DnsProxy.Client client;
  private final Forwarder forwarder;
  private final AnswerCache cache = new AnswerCache(System::nanoTime);
  private final List<Runnable> whenIdle = new ArrayList<>();
  private int inFlight;

  Questions(DnsProxy proxy, EventLoop loop, DnsProxy.Client client, Forwarder forwarder) {
    this.proxy = proxy;
    this.loop = loop;
    this.client = client;
    this.forwarder = forwarder;
  }

  EventLoop loop() {
    return loop;
  }

  DnsMetrics metrics() {
    return proxy.metrics();
  }

  /// Where an answer goes: one call of one of them for each message.
  interface Asker {
    /// Owns the answer.
    void answer(ByteBuf answer);

    /// There is nothing to be said.
    void nothing();
  }

  /// Answers a message, now or later; it is borrowed for the call.
  void ask(ByteBuf message, boolean tcp, Asker asker) {
    switch (QueryReader.read(message.duplicate())) {
      case QueryReader.Received.Noise() -> {
        proxy.metrics().refused(Refusal.MALFORMED);
        asker.nothing();
      }
      case QueryReader.Received.Wrong wrong -> {
        proxy.metrics().refused(Refusal.MALFORMED);
        asker.answer(ReplyWriter.code(memory(), wrong));
      }
      case QueryReader.Received.Question(var query) -> ask(query, message, tcp, asker);
    }
  }

  private void ask(DnsQuery query, ByteBuf message, boolean tcp, Asker asker) {
    var full = inFlight >= MAX_IN_FLIGHT ? Refusal.POD_LIMIT : null;
    if (full == null && !proxy.admit()) {
      full = Refusal.NODE_LIMIT;
    }
    if (full != null) {
      proxy.metrics().refused(full);
      asker.answer(ReplyWriter.empty(memory(), query, DnsCode.SERVER_FAILURE, false));
      return;
    }
    inFlight++;
    var kept = message.copy();
    client.find(loop, workload -> new Question(query, kept, tcp, asker, workload).answer());
  }

  /// Answers a question of the proxy itself, with the addresses that were found.
  void resolve(DnsQuery query, Consumer<List<InetAddress>> found) {
    var message = ReplyWriter.question(memory(), query);
    ask(
        query,
        message,
        false,
        new Asker() {
          @Override
          public void answer(ByteBuf answer) {
            var reply = UpstreamReply.of(answer, query.id(), query);
            answer.release();
            found.accept(reply == null ? List.of() : reply.addresses());
          }

          @Override
          public void nothing() {
            found.accept(List.of());
          }
        });
    message.release();
  }

  /// Runs it once nothing is open.
  void whenIdle(Runnable action) {
    if (inFlight == 0) {
      action.run();
    } else {
      whenIdle.add(action);
    }
  }

  /// Ends what is open, with failures.
  void close() {
    forwarder.close();
  }

  private ByteBufAllocator memory() {
    return ByteBufAllocator.DEFAULT;
  }

  /// A well-formed question of a client that may be known.
  private final class Question implements Forwarder.Done {
    private final DnsQuery query;
    private final ByteBuf message;
    private final boolean tcp;
    private final Asker asker;
    private final @Nullable Workload source;
    private final String[] labels;
    private boolean known;
    private long askedNanos;

    Question(DnsQuery query, ByteBuf message, boolean tcp, Asker asker, @Nullable Workload source) {
      this.query = query;
      this.message = message;
      this.tcp = tcp;
      this.asker = asker;
      this.source = source;
      this.labels = proxy.metrics().labels(query, tcp, source);
    }

    void answer() {
      proxy.metrics().asked(labels);
      if (source == null) {
        finish(failure(), "workload unknown", List.of());
        return;
      }
      switch (proxy.decide(source, query)) {
        case DnsAnswer.Addresses(_, var alias, var addresses) ->
            finish(
                ReplyWriter.addresses(memory(), query, alias, addresses, limit()),
                "success",
                addresses);
        case DnsAnswer.NoRecords(_, var unsupported) ->
            finish(
                ReplyWriter.empty(memory(), query, DnsCode.NO_ERROR, true),
                unsupported ? "service does not support this record type" : "no records",
                List.of());
        case DnsAnswer.Forward(var exists) -> {
          known = exists;
          forward();
        }
      }
    }

    private int limit() {
      return tcp ? DnsQuery.MAX_MESSAGE : query.udpLimit();
    }

    private void forward() {
      var told = cache.get(memory(), query, limit());
      if (told != null) {
        proxy.metrics().cached();
        finish(told, "cached", List.of());
        return;
      }
      askedNanos = System.nanoTime();
      forwarder.ask(query, message, tcp, this);
    }

    @Override
    public void answered(UpstreamReply reply, ByteBuf answer) {
      int code = reply.code();
      proxy.metrics().forwarded(labels, System.nanoTime() - askedNanos, code != 0);
      if (known && code == DnsCode.NO_SUCH_NAME) {
        // it has other records, which the name server does not know of (RFC 2308 2.2)
        answer.setByte(answer.readerIndex() + 3, answer.getByte(answer.readerIndex() + 3) & 0xf0);
      }
      cache.put(query, answer, reply);
      finish(
          answer,
          code == 0 ? "forwarded" : "forwarding failed (" + DnsCode.name(code) + ")",
          reply.addresses());
    }

    @Override
    public void failed(String why) {
      proxy.metrics().forwarded(labels, System.nanoTime() - askedNanos, true);
      finish(failure(), "forwarding failed (" + why + ")", List.of());
    }

    private ByteBuf failure() {
      return ReplyWriter.empty(memory(), query, DnsCode.SERVER_FAILURE, false);
    }

    private void finish(ByteBuf answer, String result, List<?> addresses) {
      message.release();
      proxy.done();
      inFlight--;
      log(result, addresses);
      asker.answer(answer);
      if (inFlight == 0 && !whenIdle.isEmpty()) {
        var idle = List.copyOf(whenIdle);
        whenIdle.clear();
        idle.forEach(Runnable::run);
      }
    }

    private void log(String result, List<?> addresses) {
      if (LOG.isDebugEnabled()) {
        var line = LOG.atDebug();
        if (source != null) {
          line =
              line.addKeyValue("src.workload", source.name())
                  .addKeyValue("src.namespace", source.namespace());
        }
        line.addKeyValue("query", query.typeName())
            .addKeyValue("domain", query.name())
            .addKeyValue("result", result)
            .addKeyValue("endpoints", addresses)
            .log("");
      }
    }
  }
}
