package dev.kiri.ops.accesslog;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// Writes lines to a stream on a thread of its own.
///
/// A line that comes after a pause is written at once; the lines of the next [#GATHER] then wait
/// for each other, so that a busy proxy pays for a hundred wake-ups and writes a second, not for
/// one of each a connection.
///
/// [#write] may be called from any thread, never blocks and takes no lock. At most `capacity` lines
/// wait; a line that finds the queue full is dropped and counted, because a log that stalls must
/// not stall the mesh (upstream blocks here). Lines of one thread keep their order.
public final class LineWriter implements AutoCloseable {
  /// Same as upstream's queue.
  public static final int DEFAULT_CAPACITY = 10_000;

  /// How long a line waits at most for others to be written with.
  static final Duration GATHER = Duration.ofMillis(10);

  private static final int BATCH_BYTES = 32 * 1024;

  private final OutputStream out;
  private final int capacity;
  private final ConcurrentLinkedQueue<String> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private final Thread thread;
  private volatile boolean parked;
  private volatile boolean closed;

  public LineWriter(OutputStream out, int capacity) {
    this.out = out;
    this.capacity = capacity;
    this.thread = Thread.ofPlatform().daemon().name("log-writer").start(this::run);
  }

  /// Queues a line; the line break is added. False when it was dropped.
  public boolean write(String line) {
    if (closed || waiting.incrementAndGet() > capacity) {
      waiting.decrementAndGet();
      dropped.increment();
      return false;
    }
    queue.add(line);
    if (parked) {
      LockSupport.unpark(thread);
    }
    return true;
  }

  /// How many lines were dropped since the start.
  public long dropped() {
    return dropped.sum();
  }

  /// Writes what waits, for at most two seconds, and ends the thread.
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(Duration.ofSeconds(2));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (true) {
      while (!queue.isEmpty()) {
        writeBatch();
        if (queue.isEmpty()) {
          flush();
          gather();
        }
      }
      if (closed && queue.isEmpty()) {
        return;
      }
      park();
    }
  }

  /// Nobody wakes this thread meanwhile but [#close()].
  private void gather() {
    if (!closed) {
      LockSupport.parkNanos(this, GATHER.toNanos());
    }
  }

  private void park() {
    parked = true;
    if (queue.isEmpty() && !closed) {
      LockSupport.park(this);
    }
    parked = false;
  }

  private void writeBatch() {
    var batch = new StringBuilder();
    String line = queue.poll();
    while (line != null) {
      waiting.decrementAndGet();
      batch.append(line).append('\n');
      line = batch.length() < BATCH_BYTES ? queue.poll() : null;
    }
    try {
      out.write(batch.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException unwritable) {
      // a full disk or a closed pipe under the log: count and go on
      dropped.add(batch.chars().filter(c -> c == '\n').count());
    }
  }

  private void flush() {
    try {
      out.flush();
    } catch (IOException unwritable) {
      dropped.increment();
    }
  }
}
