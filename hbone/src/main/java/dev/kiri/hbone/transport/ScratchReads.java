package dev.kiri.hbone.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Lets a channel read into its loop's scratch memory. Confined to the channel's loop.
///
/// Only for transports that fill a buffer within the call that allocated it (epoll, NIO); io_uring
/// hands the buffer to the kernel and keeps its own allocator.
public final class ScratchReads implements RecvByteBufAllocator.ExtendedHandle, ReadShare.Waiting {

  /// Where a read lands and how much it may take.
  @FunctionalInterface
  public interface Source {
    /// An empty, retained buffer; its writable bytes bound the read, are at least 1, and no more
    /// than `most`.
    ByteBuf next(int most);
  }

  // a second read per readiness event finds what arrived during the first
  private static final int READS_PER_EVENT = 2;

  private static final int KEPT_READ = 32_768;

  private final @Nullable ReadShare share;
  private final ReadPace pace = LoopMemory.current().pace();
  private final int id = pace.newChannel();
  private @Nullable Source source; // null: reads are kept, each in a buffer of its own
  private ChannelConfig config;
  private int reads;
  private int lastBytes;
  private int attempted;
  private long eventBytes;
  private long eventNanos;
  private boolean waiting;

  private ScratchReads(@Nullable ReadShare share, ChannelConfig config) {
    this.share = share;
    this.config = config;
  }

  /// Installs the source if the channel's transport allows it. To be called before the first read:
  /// a channel asks for its handle once and keeps it.
  public static ScratchReads install(Channel channel, Source source) {
    var reads = prepare(channel);
    reads.into(source);
    return reads;
  }

  /// For a channel whose first reads are kept by their reader, such as those of a TLS handshake:
  /// they get buffers of their own until [#into] is called. Also to be called before the first
  /// read.
  public static ScratchReads prepare(Channel channel) {
    var handle = new ScratchReads(channel.attr(ReadShare.OF).get(), channel.config());
    if (channel instanceof EpollSocketChannel || channel instanceof NioSocketChannel) {
      channel.config().setRecvByteBufAllocator(() -> handle);
    }
    return handle;
  }

  /// Reads land in the source from now on.
  public void into(Source scratch) {
    source = scratch;
  }

  /// What the channel brought was so much for whoever reads it: a message, if it is little.
  public void brought(int bytes) {
    if (bytes < ReadPace.MESSAGE && bytes > 0 && reads <= 1 && lastBytes < attempted) {
      pace.message(id);
    }
  }

  /// Whether other channels of the loop have brought messages lately.
  public boolean isShared() {
    return pace.isShared(id);
  }

  @Override
  public ByteBuf allocate(ByteBufAllocator allocator) {
    var scratch = source;
    return scratch == null
        ? allocator.ioBuffer(KEPT_READ, KEPT_READ)
        : scratch.next(isShared() ? ReadPace.SHARED : LoopMemory.READ);
  }

  @Override
  public int guess() {
    return source == null ? KEPT_READ : LoopMemory.READ;
  }

  @Override
  public void reset(ChannelConfig config) {
    this.config = config;
    reads = 0;
    pace.reading();
    if (share != null) {
      eventBytes = 0;
      eventNanos = System.nanoTime();
    }
  }

  @Override
  public void incMessagesRead(int messages) {
    reads += messages;
  }

  @Override
  public void lastBytesRead(int bytes) {
    lastBytes = bytes;
    eventBytes += Math.max(0, bytes);
  }

  @Override
  public int lastBytesRead() {
    return lastBytes;
  }

  @Override
  public void attemptedBytesRead(int bytes) {
    attempted = bytes;
  }

  @Override
  public int attemptedBytesRead() {
    return attempted;
  }

  @Override
  public boolean continueReading() {
    return mayContinue() && lastBytes == attempted;
  }

  @Override
  public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
    return mayContinue() && maybeMore.get();
  }

  private boolean mayContinue() {
    return config.isAutoRead() && lastBytes > 0 && reads < (isShared() ? 1 : READS_PER_EVENT);
  }

  @Override
  public void readComplete() {
    if (share == null) {
      return;
    }
    long now = System.nanoTime();
    if (share.used(eventBytes, now - eventNanos, now) && config.isAutoRead()) {
      waiting = true;
      config.setAutoRead(false);
      share.await(this);
    }
  }

  /// A side that stopped reading meanwhile for its own reasons gets one read too many, of the
  /// smallest size, and stops again.
  @Override
  public void goOn() {
    if (waiting) {
      waiting = false;
      config.setAutoRead(true);
    }
  }
}
