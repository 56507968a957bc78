package dev.kiri.ztunnel;

import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.xds.Demands;
import dev.kiri.ops.admin.AdminBindException;
import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.memory.FilePages;
import dev.kiri.ops.memory.NativeHeap;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.redirect.netns.HomeNetns;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.zds.ZdsClient;
import dev.kiri.ztunnel.balance.EndpointChooser;
import dev.kiri.ztunnel.balance.EndpointWatch;
import dev.kiri.ztunnel.dns.DnsProxy;
import dev.kiri.ztunnel.dns.LocalNames;
import dev.kiri.ztunnel.dns.ResolverFile;
import dev.kiri.ztunnel.dump.ConfigDump;
import dev.kiri.ztunnel.dump.Explain;
import dev.kiri.ztunnel.dump.SettingsJson;
import dev.kiri.ztunnel.node.AgentPods;
import dev.kiri.ztunnel.node.HostLookup;
import dev.kiri.ztunnel.node.NodeMetrics;
import dev.kiri.ztunnel.node.NodeRevocations;
import dev.kiri.ztunnel.node.NodeTls;
import dev.kiri.ztunnel.outbound.OutboundDecider;
import dev.kiri.ztunnel.pod.NodeServices;
import dev.kiri.ztunnel.pod.PodProxy;
import dev.kiri.ztunnel.pod.PodSettings;
import dev.kiri.ztunnel.settings.ProxyMode;
import dev.kiri.ztunnel.settings.ZtunnelSettings;
import dev.kiri.ztunnel.share.NodeShares;
import dev.kiri.ztunnel.telemetry.Telemetry;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running node proxy. Built in start order; closed in the reverse one.
final class Ztunnel implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("ztunnel");

  private final ZtunnelSettings settings;
  private final Drain drain;
  private final Readiness readiness = new Readiness();
  private final Metrics metrics;
  private final NodeMetrics nodeMetrics;
  private final HomeNetns home;
  private final NodeServices node;
  private final AgentPods pods;
  private final NodeRevocations revocations;
  private final OperatorPorts operators;
  private final Deque<AutoCloseable> closing;

  /// Starts; connections are carried as soon as the control plane has told about the mesh.
  static Ztunnel start(
      ZtunnelSettings settings, Logging logging, Drain drain, OperatorPorts.Numbers ports)
      throws StartFailed {
    var closing = new ArrayDeque<AutoCloseable>();
    try {
      return new Ztunnel(settings, logging, drain, ports, HomeNetns.ofThisThread(), closing);
    } catch (IOException failed) {
      throw new StartFailed("cannot hold on to the own network namespace", failed);
    } catch (AdminBindException taken) {
      close(closing);
      throw new StartFailed(String.valueOf(taken.getMessage()), taken);
    }
  }

  private Ztunnel(
      ZtunnelSettings settings,
      Logging logging,
      Drain drain,
      OperatorPorts.Numbers ports,
      HomeNetns home,
      Deque<AutoCloseable> closing) {
    this.closing = closing;
    this.settings = settings;
    this.drain = drain;
    this.home = home;
    var controlPlane = new ControlPlaneLoop();
    closing.push(controlPlane);
    metrics = new Metrics().withProcess("ztunnel", settings.version());
    nodeMetrics = new NodeMetrics(metrics.registry());

    // 1. event loops carry data, and answer probes so that probes see them stuck
    var transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
    var group = transport.newLoops(settings.workers(), "ztunnel");
    var loops = loops(group);
    closing.push(() -> group.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS));
    NodeMetrics.observe(metrics.registry(), loops.size(), () -> queued(loops), logging::dropped);
    operators =
        new OperatorPorts(
            ports, loops.getFirst(), transport.newServerSocket()::get, settings.pods().ipv6());
    closing.push(operators);
    var synced = readiness.task("state manager");
    var proxy = readiness.task("proxy");
    var agent = readiness.task("workload proxy manager");
    operators.readiness(readiness);

    // 2. what the mesh is, and who we may be in it
    var mesh = new MeshStore(settings.node().nodeName());
    var clients = new ControlPlaneClients(settings, mesh, controlPlane, closing::push);
    var certificates = clients.certificates();
    revocations = new NodeRevocations(settings.tls().revocations());
    closing.push(revocations);
    mesh.apply(settings.localMesh());
    var demands = settings.controlPlane().onDemand() ? new Demands() : null;
    var discovered = clients.discover(nodeMetrics, demands);

    // 3. what serves pods
    var random = RandomGenerator.getDefault();
    var endpoints = new EndpointWatch(System::nanoTime);
    NodeMetrics.observe(metrics.registry(), endpoints::ejectedNow, endpoints::ejectedEver);
    var chooser = new EndpointChooser(random, endpoints);
    node =
        new NodeServices(
            transport,
            loops,
            mesh,
            new NodeTls(certificates, settings.tls().settings(revocations)),
            new Telemetry(logging.accessLog(), metrics.registry(), System::nanoTime),
            new OutboundDecider(
                settings.pods().network(), settings.pods().ownPorts(), chooser, random),
            endpoints,
            new HostLookup(settings.pods().ipv6()),
            names(mesh),
            new NodeShares(
                loops, settings.pods().maxConnections(), System::nanoTime, metrics.registry()),
            demands,
            settings.pods());
    pods = new AgentPods(node, agent, nodeMetrics, this::giveUp);
    drain.step("pods", pods::drain);
    revocations.onChange(pods::closeRevoked);
    proxy.done();

    // 4. for operators
    operators.metrics(metrics);
    operators.admin(
        new ConfigDump(
            mesh,
            certificates::states,
            pods::states,
            uid -> {
              var running = pods.running().get(uid);
              return running == null ? null : running.connections();
            },
            SettingsJson.of(settings),
            BuildVersion.json(settings.version())),
        explain(mesh, random),
        logging,
        drain);

    // 5. connections are carried once the mesh is known
    revocations.watch();
    // on a thread that may enter a namespace: discovery ends on a virtual one
    discovered.whenCompleteAsync(
        (done, failed) -> serve(synced, agent),
        task -> Thread.ofPlatform().name("serve").start(task));
  }

  private Explain explain(MeshStore mesh, RandomGenerator random) {
    var pods = settings.pods();
    var inbound = pods.inbound(pods.sourceAddress() != PodSettings.SourceAddress.OWN);
    return new Explain(mesh, node.outbound(), inbound, new LocalNames(settings.dns(), random));
  }

  private @Nullable DnsProxy names(MeshStore mesh) {
    if (!settings.dns().enabled()) {
      return null;
    }
    var resolvers = ResolverFile.watch(ResolverFile.USUAL);
    closing.push(resolvers);
    return new DnsProxy(settings.dns(), mesh, resolvers, metrics.registry());
  }

  private void serve(Readiness.Task synced, Readiness.Task agent) {
    synced.done();
    CompletableFuture.delayedExecutor(3, TimeUnit.SECONDS).execute(Ztunnel::giveBackStart);
    CompletableFuture.delayedExecutor(10, TimeUnit.SECONDS).execute(Ztunnel::giveBackStart);
    switch (settings.mode()) {
      case ProxyMode.Shared() -> {
        serveOwnPort();
        var client = new ZdsClient(settings.agentSocket(), home, pods.handler());
        closing.push(client);
        client.start();
      }
      case ProxyMode.Dedicated(var workload) -> {
        try {
          var proxy = PodProxy.start(node, workload, ownNamespace());
          drain.step("workload", proxy::drain);
          revocations.onChange(proxy::closeRevoked);
          agent.done();
        } catch (IOException failed) {
          LOG.error("cannot serve {}: {}", workload, failed.getMessage());
          giveUp("listeners could not be bound");
        }
      }
    }
  }

  /// Whoever may read this proxy's metrics may do so through a tunnel.
  private void serveOwnPort() {
    var self = settings.node().workload();
    if (self == null) {
      return;
    }
    try {
      var proxy = PodProxy.startOwn(node, self, ownNamespace());
      drain.step("own port", proxy::drain);
    } catch (IOException failed) {
      LOG.error("cannot serve the own port: {}", failed.getMessage());
      giveUp("listeners could not be bound");
    }
  }

  private PodNetns ownNamespace() throws IOException {
    return PodNetns.open(Path.of("/proc/self/ns/net"), home);
  }

  /// What starting up and the first certificates leave behind: garbage, what the compiler needed,
  /// and pages of files that were read once.
  private static void giveBackStart() {
    System.gc();
    NativeHeap.trim();
    try {
      LOG.debug("gave back {} bytes of files", FilePages.giveBack());
    } catch (IOException refused) {
      LOG.debug("pages of files stay resident: {}", refused.getMessage());
    }
  }

  private void giveUp(String why) {
    LOG.error("giving up: {}", why);
    drain.fail(why);
  }

  /// What pods are served with.
  NodeServices node() {
    return node;
  }

  /// Where operators' ports are.
  List<InetSocketAddress> addresses() {
    return operators.addresses();
  }

  private static List<EventLoop> loops(EventLoopGroup group) {
    var loops = new ArrayList<EventLoop>();
    group.forEach(executor -> loops.add((EventLoop) executor));
    return loops;
  }

  private static int queued(List<EventLoop> loops) {
    int sum = 0;
    for (var loop : loops) {
      sum += loop instanceof SingleThreadEventExecutor executor ? executor.pendingTasks() : 0;
    }
    return sum;
  }

  @Override
  public void close() {
    close(closing);
  }

  private static void close(Deque<AutoCloseable> closing) {
    while (!closing.isEmpty()) {
      try {
        closing.pop().close();
      } catch (Exception failed) {
        LOG.warn("closing", failed);
      }
    }
  }
}
