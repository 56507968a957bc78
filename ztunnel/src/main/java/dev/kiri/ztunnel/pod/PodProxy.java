package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.workload.Workload;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.OriginalDestination;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.zds.PodProxies;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.connections.LiveConnection;
import dev.kiri.ztunnel.connections.LiveConnections;
import dev.kiri.ztunnel.inbound.InboundDecider;
import dev.kiri.ztunnel.telemetry.Direction;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Everything that serves one pod. Made and stopped on the agent client's thread; its connections
/// live on event loops.
public final class PodProxy implements PodProxies.Proxy {
  private final NodeServices node;
  private final PodNetns netns;
  private final PodListeners listeners;
  private final Pod pod;
  private final HboneServer server;
  private final MeshStore.Subscription changes;
  private final AtomicBoolean certifying = new AtomicBoolean();
  private volatile List<Channel> tunnelListeners = List.of();

  private PodProxy(NodeServices node, WorkloadInfo info, PodNetns netns) throws IOException {
    this.node = node;
    this.netns = netns;
    var settings = node.settings();
    var sockets =
        new NamespaceSockets(
            netns, node.sockets(), new SocketSettings(settings.packetMark(), settings.reusePort()));
    var dialer = new PodDialer(sockets, settings.sockets());
    var local = new LocalWorkload(node.mesh(), info);
    listeners = new PodListeners(node, sockets);
    // whether the process may connect from foreign addresses is the same for all pods
    boolean spoof =
        settings.sourceAddress() != PodSettings.SourceAddress.OWN && mayUseForeign(sockets);
    pod =
        new Pod(
            node,
            local,
            dialer,
            new HbonePool(
                settings.pool(),
                dialer::newChannel,
                node.certificates()::current,
                new RefusedServers(node.telemetry())),
            new InboundDecider(
                settings.network(),
                PodSettings.OWN_PORTS,
                new InboundDecider.Sourcing(
                    spoof, settings.loopbackTunnels(), settings.peerMetadata())),
            new LiveConnections(node.loops()));
    server =
        new HboneServer(
            new ServerSettings(settings.pool().tunnel()),
            this::serverContexts,
            new InboundTunnels(pod));
    changes =
        node.mesh()
            .onChange(
                change -> {
                  certify(change.after());
                  if (!change.policies().isEmpty() || concerns(change.workloads())) {
                    pod.live().reconsider(change.after());
                  }
                });
  }

  /// Starts to serve a pod: inside its namespace, or not at all. On success the handle is the
  /// proxy's.
  public static PodProxy start(NodeServices node, WorkloadInfo info, PodNetns netns)
      throws IOException {
    var proxy = new PodProxy(node, info, netns);
    try {
      proxy.listen();
      return proxy;
    } catch (IOException | ChannelException failed) {
      proxy.release();
      throw failed instanceof IOException io ? io : new IOException(failed.getMessage(), failed);
    }
  }

  private void listen() throws IOException {
    tunnelListeners =
        listeners.listen(
            PodSettings.HBONE_PORT,
            "inbound",
            Direction.INBOUND,
            true,
            channel -> channel.pipeline().addLast(server.childHandler()));
    listeners.listen(
        PodSettings.PLAINTEXT_PORT,
        "inbound plaintext",
        Direction.INBOUND,
        false,
        channel -> InboundPlain.begin(pod, channel, OriginalDestination.of(channel)));
    listeners.listen(
        PodSettings.OUTBOUND_PORT,
        "outbound",
        Direction.OUTBOUND,
        false,
        channel -> carry(channel, OriginalDestination.of(channel)));
    certify(node.mesh().current());
  }

  /// Asks for the pod's certificate as soon as it is known who it is. A tunnel that comes before
  /// the certificate waits in the backlog.
  private void certify(MeshSnapshot mesh) {
    var workload = pod.local().in(mesh);
    if (workload != null && certifying.compareAndSet(false, true)) {
      node.certificates()
          .request(workload.identity())
          .whenComplete((contexts, failed) -> PodListeners.resume(tunnelListeners));
    }
  }

  private static boolean mayUseForeign(NamespaceSockets sockets) {
    var probe = sockets.newChannel();
    try {
      return SocketOptions.transparent(probe);
    } finally {
      probe.unsafe().closeForcibly();
    }
  }

  private @Nullable TlsContexts serverContexts() {
    var identity = identity();
    return identity == null ? null : node.certificates().current(identity);
  }

  private @Nullable SpiffeId identity() {
    var workload = workload();
    return workload == null ? null : workload.identity();
  }

  private @Nullable Workload workload() {
    return pod.local().in(node.mesh().current());
  }

  private boolean concerns(Set<String> changedUids) {
    var workload = workload();
    return workload != null && changedUids.contains(workload.uid());
  }

  /// Carries a connection of the pod that was going to `target`.
  void carry(Channel accepted, InetSocketAddress target) {
    OutboundConnection.begin(pod, accepted, target);
  }

  /// The open connections.
  public LiveConnections connections() {
    return pod.live();
  }

  /// Closes the tunnels whose peers are revoked by now.
  public void closeRevoked() {
    server.closeRevoked();
    pod.pool().closeRevoked();
  }

  /// Ends gracefully: no new connections, those that are open may go on until they end or the
  /// deadline has passed.
  public CompletionStage<?> drain(Duration deadline) {
    listeners.close();
    var drained =
        CompletableFuture.allOf(
            server.drain(deadline).toCompletableFuture(), emptied().toCompletableFuture());
    return drained
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(
            late ->
                late instanceof TimeoutException
                    ? pod.live().abortAll(LiveConnection.Ending.DEADLINE).thenApply(ended -> null)
                    : CompletableFuture.failedStage(late))
        .whenComplete((done, failed) -> release());
  }

  /// Completes when no connection is left; asks a few times a second.
  private CompletionStage<?> emptied() {
    return pod.live()
        .count()
        .thenCompose(
            count -> {
              if (count == 0) {
                return CompletableFuture.completedStage(null);
              }
              var later = CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);
              return CompletableFuture.runAsync(() -> {}, later).thenCompose(waited -> emptied());
            });
  }

  /// Ends at once: the pod is gone.
  @Override
  public void stop() {
    listeners.close();
    pod.live()
        .abortAll(LiveConnection.Ending.DRAIN)
        .thenCompose(ended -> server.drain(Duration.ZERO))
        .whenComplete((done, failed) -> release());
  }

  private void release() {
    changes.close();
    listeners.close();
    pod.pool().close();
    netns.close();
  }
}
