package dev.kiri.ztunnel.share;

import dev.kiri.hbone.transport.ReadShare;
import dev.kiri.ztunnel.telemetry.Direction;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one pod gets and took. Thread-safe.
public final class PodShare implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("proxy");

  private final NodeShares node;
  private final String namespace;
  private final String name;
  private final List<EventLoop> loops;
  private final List<LoopShare> shares;
  private final AtomicInteger leaving = new AtomicInteger();
  private final AtomicInteger arriving = new AtomicInteger();
  private final LongAdder refused = new LongAdder();
  private final Occasionally told;

  PodShare(
      NodeShares node,
      String namespace,
      String name,
      List<EventLoop> loops,
      List<LoopTurns> turns) {
    this.node = node;
    this.namespace = namespace;
    this.name = name;
    this.loops = loops;
    this.shares = turns.stream().map(LoopShare::new).toList();
    this.told = node.occasionally();
  }

  /// Counts an accepted connection, until it closes; false if the pod has too many in this
  /// direction: then it must be closed. Once in a while the log says so.
  public boolean admit(Channel accepted, Direction direction) {
    var connections =
        switch (direction) {
          case OUTBOUND -> leaving;
          case INBOUND -> arriving;
        };
    if (connections.incrementAndGet() > node.maxConnections()) {
      connections.decrementAndGet();
      refused.increment();
      if (told.due()) {
        LOG.warn(
            "pod {}/{} has {} {} connections, as many as it may: others are closed, {} so far",
            namespace,
            name,
            node.maxConnections(),
            direction.text(),
            refused.sum());
      }
      return false;
    }
    accepted.closeFuture().addListener(closed -> connections.decrementAndGet());
    return true;
  }

  /// Has a channel read in the pod's turns. To be called on the loop that the channel belongs, or
  /// will belong, to.
  public void mark(Channel channel) {
    for (int i = 0; i < loops.size(); i++) {
      if (loops.get(i).inEventLoop()) {
        channel.attr(ReadShare.OF).set(shares.get(i));
        return;
      }
    }
  }

  String namespace() {
    return namespace;
  }

  String name() {
    return name;
  }

  int connections() {
    return leaving.get() + arriving.get();
  }

  long refused() {
    return refused.sum();
  }

  long sum(ToLongFunction<LoopShare> of) {
    return shares.stream().mapToLong(of).sum();
  }

  /// The pod is gone, and so are its metrics.
  @Override
  public void close() {
    node.forget(this);
  }
}
