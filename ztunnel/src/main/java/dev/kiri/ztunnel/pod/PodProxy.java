package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.nested.NestedTunnels;
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
import dev.kiri.ztunnel.dns.PodDns;
import dev.kiri.ztunnel.share.PodShare;
import dev.kiri.ztunnel.telemetry.Direction;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Everything that serves one pod. Made and stopped on the agent client's thread; its connections
/// live on event loops.
public final class PodProxy implements PodProxies.Proxy {
  private final NodeServices node;
  private final PodNetns netns;
  private final NamespaceSockets sockets;
  private final PodShare share;
  private final PodListeners listeners;
  private final Pod pod;
  private final HboneServer server;
  private final MeshStore.Subscription changes;
  private final AtomicBoolean certifying = new AtomicBoolean();
  private volatile List<Channel> tunnelListeners = List.of();
  private volatile @Nullable PodDns dns;

  private PodProxy(NodeServices node, WorkloadInfo info, PodNetns netns, boolean mayPreserve) {
    this.node = node;
    this.netns = netns;
    var settings = node.settings();
    sockets =
        new NamespaceSockets(
            netns, node.sockets(), new SocketSettings(settings.packetMark(), settings.reusePort()));
    // the first socket shows whether the pod can be entered at all; whether the process may connect
    // from foreign addresses is the same for all pods
    boolean spoof =
        mayPreserve
            && settings.sourceAddress() != PodSettings.SourceAddress.OWN
            && mayUseForeign(sockets);
    share = node.shares().pod(info.namespace(), info.name());
    var dialer = new PodDialer(sockets, settings.sockets(), share);
    var local = new LocalWorkload(node.mesh(), info);
    listeners = new PodListeners(node, sockets, share);
    var refused = new RefusedServers(node.telemetry());
    var pool =
        new HbonePool(settings.pool(), dialer::newChannel, node.certificates()::current, refused);
    pod =
        new Pod(
            node,
            local,
            dialer,
            pool,
            new NestedTunnels(pool, settings.pool(), node.certificates()::current, refused),
            settings.inbound(spoof),
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
  /// proxy's; on failure it is still the caller's, and open, to try again with.
  public static PodProxy start(NodeServices node, WorkloadInfo info, PodNetns netns)
      throws IOException {
    return start(() -> new PodProxy(node, info, netns, true), PodProxy::listen);
  }

  /// Serves the proxy's own pod: tunnels only, whose clients' addresses stay behind.
  public static PodProxy startOwn(NodeServices node, WorkloadInfo info, PodNetns netns)
      throws IOException {
    return start(() -> new PodProxy(node, info, netns, false), PodProxy::listenForTunnels);
  }

  private interface Listening {
    void begin(PodProxy proxy) throws IOException;
  }

  private static PodProxy start(Supplier<PodProxy> made, Listening listening) throws IOException {
    PodProxy proxy = null;
    try {
      proxy = made.get();
      listening.begin(proxy);
      proxy.certify(proxy.node.mesh().current());
      return proxy;
    } catch (IOException | ChannelException failed) {
      if (proxy != null) {
        proxy.release();
      }
      throw failed instanceof IOException io ? io : new IOException(failed.getMessage(), failed);
    }
  }

  private void listenForTunnels() throws IOException {
    tunnelListeners =
        listeners.listen(
            PodSettings.HBONE_PORT,
            "inbound",
            Direction.INBOUND,
            true,
            channel -> channel.pipeline().addLast(server.childHandler()));
  }

  private void listen() throws IOException {
    if (node.settings().proxy()) {
      listenForConnections();
    }
    var names = node.dns();
    if (names != null) {
      dns = names.serve(loopForNames(), sockets, pod.local()::find, ipv6());
    }
  }

  private void listenForConnections() throws IOException {
    listenForTunnels();
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
    if (node.settings().socks()) {
      listeners.listen(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PodSettings.SOCKS_PORT),
          "socks5",
          Direction.OUTBOUND,
          false,
          channel -> SocksClient.begin(pod, channel, dns));
    }
  }

  /// Pods are spread over the loops, each stays on its own.
  private EventLoop loopForNames() {
    int number = pod.local().info().hashCode();
    return node.loops().get(Math.floorMod(number, node.loops().size()));
  }

  private boolean ipv6() throws IOException {
    return node.settings().ipv6() && netns.inside(Ipv6Loopback::present);
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
    pod.nested().closeRevoked();
  }

  /// Ends gracefully: no new connections, those that are open may go on until they end or the
  /// deadline has passed.
  public CompletionStage<?> drain(Duration deadline) {
    listeners.close();
    var drained =
        CompletableFuture.allOf(
            server.drain(deadline).toCompletableFuture(),
            namesDrained().toCompletableFuture(),
            pod.live().none().toCompletableFuture());
    return drained
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(
            late ->
                late instanceof TimeoutException
                    ? pod.live().abortAll(LiveConnection.Ending.DEADLINE).thenApply(ended -> null)
                    : CompletableFuture.failedStage(late))
        .whenComplete((done, failed) -> end());
  }

  private CompletionStage<?> namesDrained() {
    var names = dns;
    return names == null ? CompletableFuture.completedStage(null) : names.drain();
  }

  /// Ends at once: the pod is gone.
  @Override
  public void stop() {
    listeners.close();
    pod.live()
        .abortAll(LiveConnection.Ending.DRAIN)
        .thenCompose(ended -> server.drain(Duration.ZERO))
        .whenComplete((done, failed) -> end());
  }

  private void end() {
    release();
    netns.close();
  }

  private void release() {
    changes.close();
    listeners.close();
    var names = dns;
    if (names != null) {
      names.close();
    }
    pod.pool().close();
    share.close();
  }
}
