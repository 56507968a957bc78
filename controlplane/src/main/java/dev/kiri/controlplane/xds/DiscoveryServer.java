package dev.kiri.controlplane.xds;

import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.caller.CallerInterceptor;
import dev.kiri.mesh.proto.discovery.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Delta ADS for all types (xds-and-ca.md 4). Needs a [CallerInterceptor] in front of it.
/// Thread-safe.
public final class DiscoveryServer extends AggregatedDiscoveryServiceImplBase {
  /// Streams served at the same time; more are refused.
  static final int MAX_STREAMS = 10_000;

  private final Map<String, TypeSource> types;
  private final BooleanSupplier ready;
  private final DiscoveryObserver observer;
  private final String version;
  private final Map<Long, ClientStream> streams = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final Admission admission = new Admission();
  private final Refusals refusals = new Refusals(this::refusalsChanged);
  private volatile Runnable onRefusals = () -> {};

  /// @param types the tables by type URL
  /// @param ready whether the first full state is there; before that, streams are refused
  /// @param version said to clients as the system's version
  public DiscoveryServer(
      Map<String, TypeSource> types,
      BooleanSupplier ready,
      DiscoveryObserver observer,
      String version) {
    this.types = Map.copyOf(types);
    this.ready = ready;
    this.observer = observer;
    this.version = version;
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> to) {
    Caller caller = CallerInterceptor.CALLER.get();
    if (!ready.getAsBoolean()) {
      return refuse(
          to,
          Status.UNAVAILABLE.withDescription("server is not ready to serve discovery information"));
    }
    if (caller == null) {
      return refuse(to, Status.UNAUTHENTICATED.withDescription("authentication failure"));
    }
    if (streams.size() >= MAX_STREAMS) {
      return refuse(
          to, Status.RESOURCE_EXHAUSTED.withDescription("more than " + MAX_STREAMS + " streams"));
    }
    long id = ids.incrementAndGet();
    ClientStream stream =
        new ClientStream(id, caller, this, (ServerCallStreamObserver<DeltaDiscoveryResponse>) to);
    streams.put(id, stream);
    Thread.ofVirtual()
        .name("ads-" + id)
        .start(
            () -> {
              try {
                stream.run();
              } finally {
                streams.remove(id);
              }
            });
    return stream;
  }

  /// What clients refuse at the moment.
  public Refusals refusals() {
    return refusals;
  }

  /// Calls back after each change of [#refusals], on whatever thread; the callback must be quick.
  public void onRefusals(Runnable changed) {
    onRefusals = changed;
  }

  private void refusalsChanged() {
    onRefusals.run();
  }

  /// Ends all streams.
  public void close() {
    streams.values().forEach(ClientStream::close);
  }

  /// The streams, for inspection.
  public List<Map<String, Object>> describe() {
    List<Map<String, Object>> all = new ArrayList<>();
    streams.values().forEach(stream -> all.add(stream.describe()));
    return all;
  }

  @Nullable ResourceTable tableFor(String typeUrl, Caller caller) {
    TypeSource source = types.get(typeUrl);
    return source == null ? null : source.tableFor(caller);
  }

  boolean serves(String typeUrl) {
    return types.containsKey(typeUrl);
  }

  @Nullable OlderClient olderClient(String typeUrl, int revision) {
    TypeSource source = types.get(typeUrl);
    return source == null ? null : source.olderClient(revision);
  }

  Admission admission() {
    return admission;
  }

  DiscoveryObserver observer() {
    return observer;
  }

  String version() {
    return version;
  }

  private static StreamObserver<DeltaDiscoveryRequest> refuse(
      StreamObserver<DeltaDiscoveryResponse> to, Status status) {
    to.onError(status.asRuntimeException());
    return new StreamObserver<>() {
      @Override
      public void onNext(DeltaDiscoveryRequest ignored) {}

      @Override
      public void onError(Throwable ignored) {}

      @Override
      public void onCompleted() {}
    };
  }
}
