package dev.kiri.bench.hbone;

import dev.kiri.hbone.HboneStream;
import dev.kiri.hbone.StreamClosed;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.Baggage;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.connect.ConnectResponse;
import dev.kiri.hbone.connect.Forwarded;
import dev.kiri.hbone.connect.KnownTexts;
import dev.kiri.hbone.connect.TraceParent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What operations of a tunnel leave behind, on both ends together. JMH's allocation profiler
/// counts every thread of the process.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@State(Scope.Benchmark)
public class Garbage {
  private static final int SERIES = 1_000;
  private static final int PIECE = 16_384;
  private static final Baggage WEB =
      new Baggage("Kubernetes", "shop", "deployment", "web", "web", "v1", "region-1", "zone-1");

  /// As a ztunnel asks.
  private static final ConnectRequest REQUEST =
      new ConnectRequest(
          Authority.parse("10.244.1.5:8080"),
          WEB,
          new Forwarded("10.244.2.7:41234", "cart.shop.svc.cluster.local"),
          new TraceParent("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "00"),
          null);

  private final KnownTexts texts = KnownTexts.current();
  private final AsciiString authority = AsciiString.of("10.244.1.5:8080");
  private final AsciiString baggage = AsciiString.of(WEB.format());
  private @Nullable Ends ends;

  /// Two ends that stand.
  @Setup(Level.Trial)
  public void start() {
    ends = new Ends(Passing::accept, 100);
  }

  /// Ends them.
  @TearDown(Level.Trial)
  public void stop() {
    ends().close();
  }

  private Ends ends() {
    var standing = ends;
    if (standing == null) {
      throw new IllegalStateException("not set up");
    }
    return standing;
  }

  /// Streams one after another, a thousand an invocation.
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public void connectOpenAndClose() {
    new Streams(ends(), SERIES).run();
  }

  /// Pieces of 16 KiB through one stream, a thousand an invocation: each is sent and received.
  @Benchmark
  @OperationsPerInvocation(2 * SERIES)
  public void data16kSentOrReceived() {
    new Pieces(ends(), SERIES).run();
  }

  /// An authority that came before.
  @Benchmark
  public Object authorityKnown() {
    return texts.authority(authority);
  }

  /// A baggage that came before.
  @Benchmark
  public Object baggageKnown() {
    return texts.baggage(baggage);
  }

  private static final class Streams extends Passing {
    private final Ends ends;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int left;

    Streams(Ends ends, int streams) {
      this.ends = ends;
      this.left = streams;
    }

    void run() {
      next();
      done.join();
    }

    private void next() {
      ends.pool().open(ends.loop(), ends.key(), REQUEST, this);
    }

    @Override
    public void opened(HboneStream opened, ConnectResponse response) {
      opened.end();
    }

    @Override
    public void end() {}

    @Override
    public void closed(StreamClosed why) {
      if (!(why instanceof StreamClosed.Finished)) {
        done.completeExceptionally(new IllegalStateException(why.toString()));
      } else if (--left == 0) {
        done.complete(null);
      } else {
        next();
      }
    }
  }

  private static final class Pieces extends Passing {
    private final Ends ends;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ByteBuf piece = Unpooled.directBuffer(PIECE, PIECE);
    private int left;
    private @Nullable HboneStream stream;

    Pieces(Ends ends, int pieces) {
      this.ends = ends;
      this.left = pieces;
    }

    void run() {
      piece.writeZero(PIECE);
      ends.pool().open(ends.loop(), ends.key(), REQUEST, this);
      done.join();
      piece.release();
    }

    @Override
    public void opened(HboneStream opened, ConnectResponse response) {
      stream = opened;
      writable();
    }

    @Override
    public void writable() {
      var to = stream;
      while (to != null && left > 0) {
        if (!to.write(piece)) {
          return;
        }
        piece.readerIndex(0);
        left--;
      }
      if (to != null) {
        to.end();
      }
    }

    @Override
    public void end() {}

    @Override
    public void closed(StreamClosed why) {
      if (why instanceof StreamClosed.Finished) {
        done.complete(null);
      } else {
        done.completeExceptionally(new IllegalStateException(why.toString()));
      }
    }
  }
}
