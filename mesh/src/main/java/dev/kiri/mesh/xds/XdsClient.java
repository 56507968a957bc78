package dev.kiri.mesh.xds;

import dev.kiri.mesh.grpc.CallFailed;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.grpc.DiscoveryStream;
import dev.kiri.mesh.xds.XdsObserver.Termination;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a delta discovery stream to the control plane and applies what arrives. Thread-safe.
///
/// What was learned stays when a connection ends; the next one tells the server what is held.
/// Everything happens on one virtual thread of its own: connecting, decoding, the handlers.
public final class XdsClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(XdsClient.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final ControlPlaneLoop loop;
  private final XdsSettings settings;
  private final XdsObserver observer;
  private final Map<String, Subscribed<?>> subscriptions = new LinkedHashMap<>();
  private final Set<String> awaited;
  private final CompletableFuture<Void> synced = new CompletableFuture<>();
  private final Thread thread;
  private final @Nullable Demands demands;
  private long connections;

  /// @param loop serves the connection; stays the caller's
  /// @param subscriptions asked for in this order
  public XdsClient(
      ControlPlaneLoop loop,
      XdsSettings settings,
      List<TypeSubscription<?>> subscriptions,
      XdsObserver observer) {
    this(loop, settings, subscriptions, observer, null);
  }

  /// With `demands`, addresses are not asked for but as they are demanded, and not waited for.
  public XdsClient(
      ControlPlaneLoop loop,
      XdsSettings settings,
      List<TypeSubscription<?>> subscriptions,
      XdsObserver observer,
      @Nullable Demands demands) {
    this.demands = demands;
    this.loop = loop;
    this.settings = settings;
    this.observer = observer;
    for (var subscription : subscriptions) {
      this.subscriptions.put(subscription.typeUrl(), new Subscribed<>(subscription));
    }
    awaited = new HashSet<>(this.subscriptions.keySet());
    if (demands != null) {
      awaited.remove(WorkloadSubscription.ADDRESS);
    }
    thread = Thread.ofVirtual().name("xds").unstarted(this::run);
  }

  /// Starts to connect; returns at once. To be called once.
  public void start() {
    thread.start();
  }

  /// Completes when every type has had a response that was accepted whole.
  public CompletableFuture<Void> synced() {
    return synced.copy();
  }

  private void run() {
    var pause = new Pause(settings, RandomGenerator.getDefault());
    try {
      while (!Thread.currentThread().isInterrupted()) {
        long start = System.nanoTime();
        boolean stood = connect();
        var lasted = stood ? Duration.ofNanos(System.nanoTime() - start) : Duration.ZERO;
        var wait = pause.after(lasted);
        log.info("connecting to {} again in {} ms", settings.endpoint().uri(), wait.toMillis());
        Thread.sleep(wait);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /// Serves one connection to its end; whether it was ever established.
  private boolean connect() throws InterruptedException {
    long number = ++connections;
    try (var stream = DiscoveryStream.open(loop, settings.endpoint())) {
      observer.connected(number);
      new XdsConnection(stream, subscriptions, observer, this::accepted, demands)
          .serve(settings.node());
      throw new IllegalStateException("a stream ends by failing");
    } catch (CallFailed ended) {
      report(ended);
      return ended.established();
    } catch (IOException | RuntimeException broken) {
      String text = "XDS client error: " + broken.getMessage();
      log.warn("{}", text, broken instanceof RuntimeException ? broken : null);
      observer.terminated(Termination.ERROR, text);
      return false;
    }
  }

  private void report(CallFailed ended) {
    String where = settings.endpoint().uri().toString();
    if (!ended.established()) {
      String text =
          "XDS client connection error: gRPC connection error connecting to "
              + where
              + ": "
              + ended.getMessage();
      log.warn("{}", text);
      observer.terminated(Termination.CONNECTION_ERROR, text);
    } else if (ended.complete()) {
      log.info("XDS client complete");
      observer.terminated(Termination.COMPLETE, "XDS client complete");
    } else {
      String text = "XDS client error: gRPC error (" + where + "): " + ended.getMessage();
      log.info("{}", text);
      observer.terminated(ended.routine() ? Termination.RECONNECT : Termination.ERROR, text);
    }
  }

  private void accepted(String typeUrl) {
    if (awaited.remove(typeUrl) && awaited.isEmpty()) {
      synced.complete(null);
    }
  }

  /// Ends the connection and waits for a handler that is still running.
  @Override
  public void close() {
    thread.interrupt();
    try {
      if (thread.getState() != Thread.State.NEW) {
        thread.join(CLOSE_LIMIT);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
