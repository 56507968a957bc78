package dev.kiri.hbone.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The large buffers of one event loop, reused turn after turn so that bytes that pass through cost
/// no allocation. Confined to its thread.
///
/// Nothing in here survives as state: a scratch is free again when its last user has released it,
/// and one that is still held is left to its holder and replaced. All of it is given back to the
/// system when no tunnel of the loop had output for [#IDLE] or a little longer.
public final class LoopMemory {
  /// Room in front of application bytes for an HTTP/2 frame header (RFC 9113 4.1).
  public static final int FRAME_HEADER = 9;

  /// Largest read of a socket: system calls per byte decide throughput, larger reads gained
  /// nothing.
  public static final int READ = 1 << 20;

  /// One ciphertext buffer: 64 records of 16 384 bytes with 64 bytes for header, tag and padding
  /// each.
  public static final int SEALED = 64 * 16_448;

  /// One record's worth of small frames.
  public static final int STAGING = 16_384;

  static final Duration IDLE = Duration.ofSeconds(1);

  private static final int KEPT_SEALED = 4;
  private static final int KEPT_STAGING = 32;

  private final Scratch applicationReads = new Scratch(READ);
  private final Scratch tunnelReads = new Scratch(READ);
  // a record may have been completed by this read: up to one record more than was read
  private final Scratch plaintext = new Scratch(READ + 2 * STAGING);
  private final ArrayDeque<ByteBuf> sealed = new ArrayDeque<>();
  private final ArrayDeque<ByteBuf> staging = new ArrayDeque<>();
  private final Turn turn = new Turn(this);
  private final ReadPace pace = new ReadPace();
  private final Holders holders = new Holders();
  private final LoopLoad load = new LoopLoad();
  private boolean used; // since the last look
  private boolean watched;

  /// The memory of the calling event loop. Throws [IllegalStateException] on any other thread than
  /// those of [NettyTransport#newLoops].
  public static LoopMemory current() {
    if (Thread.currentThread() instanceof LoopThread loop) {
      return loop.memory();
    }
    throw new IllegalStateException(
        "not on an event loop of NettyTransport.newLoops: " + Thread.currentThread());
  }

  LoopMemory() {}

  /// What is done once at the end of the loop's turn.
  public Turn turn() {
    return turn;
  }

  /// How much one read may bring.
  public ReadPace pace() {
    return pace;
  }

  /// Who holds bytes for others.
  public Holders holders() {
    return holders;
  }

  /// What others want to know of the loop.
  public LoopLoad load() {
    return load;
  }

  /// Where reads of application sockets land. Retained for the caller, empty.
  public ByteBuf applicationReads() {
    return applicationReads.take();
  }

  /// Where reads of tunnel sockets land. Retained for the caller, empty.
  public ByteBuf tunnelReads() {
    return tunnelReads.take();
  }

  /// Where records are opened into. Retained for the caller, empty.
  public ByteBuf plaintext() {
    return plaintext.take();
  }

  /// A buffer of [#SEALED] bytes, to be given back by [#giveSealed].
  public ByteBuf takeSealed() {
    var free = sealed.pollLast();
    return free == null ? Unpooled.directBuffer(SEALED, SEALED) : free;
  }

  /// Takes back the caller's reference; the buffer is reused if nobody else holds it.
  public void giveSealed(ByteBuf buffer) {
    give(buffer, sealed, KEPT_SEALED);
  }

  /// A buffer of [#STAGING] bytes, to be given back by [#giveStaging].
  public ByteBuf takeStaging() {
    var free = staging.pollLast();
    return free == null ? Unpooled.directBuffer(STAGING, STAGING) : free;
  }

  /// Takes back the caller's reference; the buffer is reused if nobody else holds it.
  public void giveStaging(ByteBuf buffer) {
    give(buffer, staging, KEPT_STAGING);
  }

  /// A tunnel of this loop has output.
  void use(EventLoop loop) {
    used = true;
    if (!watched) {
      watched = true;
      lookLater(loop);
    }
  }

  private void lookLater(EventLoop loop) {
    loop.schedule(() -> look(loop), IDLE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look(EventLoop loop) {
    if (used) {
      used = false;
      lookLater(loop);
    } else {
      watched = false;
      release();
    }
  }

  private static void give(ByteBuf buffer, ArrayDeque<ByteBuf> kept, int limit) {
    if (buffer.refCnt() == 1 && kept.size() < limit) {
      kept.addLast(buffer.clear());
    } else {
      buffer.release();
    }
  }

  void release() {
    applicationReads.release();
    tunnelReads.release();
    plaintext.release();
    sealed.forEach(ByteBuf::release);
    sealed.clear();
    staging.forEach(ByteBuf::release);
    staging.clear();
  }

  private static final class Scratch {
    private final int size;
    private @Nullable ByteBuf buffer;

    Scratch(int size) {
      this.size = size;
    }

    ByteBuf take() {
      var current = buffer;
      if (current != null && current.refCnt() == 1) {
        return current.clear().retain();
      }
      if (current != null) {
        current.release();
      }
      current = Unpooled.directBuffer(size, size);
      buffer = current;
      return current.retain();
    }

    void release() {
      if (buffer != null) {
        buffer.release();
        buffer = null;
      }
    }
  }
}
