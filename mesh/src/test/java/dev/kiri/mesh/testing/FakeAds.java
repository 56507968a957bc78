package dev.kiri.mesh.testing;

import dev.kiri.mesh.proto.discovery.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import dev.kiri.mesh.proto.discovery.Resource;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The discovery side of a [FakeControlPlane]: hands the streams of its clients to the test, which
/// reads requests and writes responses. Thread-safe.
public final class FakeAds extends AggregatedDiscoveryServiceImplBase {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private volatile @Nullable Status refusal;

  FakeAds() {}

  /// From now on refuses streams; null lets them in again.
  public void refuse(@Nullable Status status) {
    refusal = status;
  }

  /// The next stream a client opens.
  public Stream nextStream() {
    return take(streams, "a stream");
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> responses) {
    var stream = new Stream(responses);
    var status = refusal;
    if (status == null) {
      streams.add(stream);
    } else {
      responses.onError(status.asRuntimeException());
    }
    return stream.requests;
  }

  private static <T> T take(BlockingQueue<T> queue, String what) {
    try {
      var next = queue.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new AssertionError(what + " did not come within " + PATIENCE);
      }
      return next;
    } catch (InterruptedException interrupted) {
      throw new AssertionError("interrupted while waiting for " + what, interrupted);
    }
  }

  /// One client's stream.
  public static final class Stream {
    private final StreamObserver<DeltaDiscoveryResponse> responses;
    private final BlockingQueue<DeltaDiscoveryRequest> received = new LinkedBlockingQueue<>();
    private final AtomicInteger nonces = new AtomicInteger();
    private final StreamObserver<DeltaDiscoveryRequest> requests = new Requests();

    private Stream(StreamObserver<DeltaDiscoveryResponse> responses) {
      this.responses = responses;
    }

    /// The next request of the client.
    public DeltaDiscoveryRequest nextRequest() {
      return take(received, "a request");
    }

    /// Sends a response and gives back its nonce.
    public String push(String typeUrl, List<Resource> resources, List<String> removed) {
      String nonce = "nonce-" + nonces.incrementAndGet();
      responses.onNext(
          DeltaDiscoveryResponse.newBuilder()
              .setTypeUrl(typeUrl)
              .setNonce(nonce)
              .addAllResources(resources)
              .addAllRemovedResources(removed)
              .build());
      return nonce;
    }

    /// Ends the stream with an error.
    public void fail(Status status) {
      responses.onError(new StatusRuntimeException(status));
    }

    /// Ends the stream without one.
    public void complete() {
      responses.onCompleted();
    }

    private final class Requests implements StreamObserver<DeltaDiscoveryRequest> {
      @Override
      public void onNext(DeltaDiscoveryRequest request) {
        received.add(request);
      }

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    }
  }
}
