package dev.kiri.ztunnel.dns;

import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.redirect.netns.NamespaceSockets;
import io.netty.channel.EventLoop;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the name services of all pods have in common. Thread-safe.
public final class DnsProxy {
  /// How many questions of all pods together may be open.
  static final int MAX_IN_FLIGHT = 4_096;

  private final DnsSettings settings;
  private final MeshStore mesh;
  private final Supplier<Resolvers> resolvers;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final DnsMetrics metrics;
  private final SecureRandom random = new SecureRandom();
  private final LocalNames names;

  /// `resolvers` is asked for each question that has to be forwarded.
  public DnsProxy(
      DnsSettings settings,
      MeshStore mesh,
      Supplier<Resolvers> resolvers,
      PrometheusRegistry registry) {
    this.settings = settings;
    this.mesh = mesh;
    this.resolvers = resolvers;
    this.metrics = new DnsMetrics(registry, inFlight::get, System::nanoTime);
    this.names = new LocalNames(settings, random);
  }

  /// Finds the workload of the pod that asks.
  @FunctionalInterface
  public interface Client {
    /// Calls back on the loop, with null when it did not appear in time.
    void find(EventLoop loop, Consumer<@Nullable Workload> found);
  }

  /// Listens in a pod, everything on one loop. Not to be called on that loop.
  ///
  /// @param loopback6 whether the pod has an IPv6 loopback address to listen at
  public PodDns serve(EventLoop loop, NamespaceSockets sockets, Client client, boolean loopback6)
      throws IOException {
    var forwarder = new Forwarder(loop, sockets, resolvers, random);
    return PodDns.start(settings, loopback6, sockets, new Questions(this, loop, client, forwarder));
  }

  /// What the mesh has to say.
  DnsAnswer decide(Workload client, DnsQuery query) {
    var searches = settings.searches(client.namespace(), resolvers.get());
    return names.decide(mesh.current(), client, query, searches);
  }

  DnsMetrics metrics() {
    return metrics;
  }

  /// Takes one of the places for open questions, unless none is left.
  boolean admit() {
    if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
      inFlight.decrementAndGet();
      return false;
    }
    return true;
  }

  /// Gives the place back.
  void done() {
    inFlight.decrementAndGet();
  }
}
