package dev.kiri.waypoint;

import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.server.HboneServer;
import dev.kiri.hbone.server.SandwichServer;
import dev.kiri.hbone.server.Served;
import dev.kiri.hbone.server.ServerSettings;
import dev.kiri.hbone.tls.RevocationFile;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import dev.kiri.mesh.ca.CertificateManager;
import dev.kiri.mesh.ca.CertificateSource;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.xds.NodeDescription;
import dev.kiri.mesh.xds.TypeSubscription;
import dev.kiri.mesh.xds.WorkloadSubscription;
import dev.kiri.mesh.xds.XdsClient;
import dev.kiri.mesh.xds.XdsSettings;
import dev.kiri.ops.accesslog.AccessLog;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.waypoint.config.ConfigStore;
import dev.kiri.waypoint.proxy.OwnGateway;
import dev.kiri.waypoint.proxy.WaypointTunnels;
import dev.kiri.waypoint.telemetry.AccessLines;
import dev.kiri.waypoint.telemetry.IstioMetrics;
import dev.kiri.waypoint.telemetry.Telemetry;
import dev.kiri.waypoint.upstream.DnsSource;
import dev.kiri.waypoint.upstream.HostNames;
import dev.kiri.waypoint.upstream.MeshDialer;
import dev.kiri.waypoint.upstream.OwnPlace;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running waypoint: everything it is made of, in the order in which it starts. Thread-safe.
public final class Waypoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Waypoint.class);

  /// A stream's unread bytes; bounds what a stalled reader costs.
  private static final TunnelSettings TUNNELS =
      TunnelSettings.DEFAULT.withWindows(1 << 20, 16 << 20, 1 << 20);

  private static final ServerSettings SERVING = new ServerSettings(TUNNELS);

  /// Upstream waits as long for more changes of the file (istio/ztunnel `src/tls/crl.rs`).
  private static final Duration REVOCATIONS_LOOK = Duration.ofSeconds(2);

  private final MeshStore mesh = new MeshStore();
  private final ConfigStore config;
  private final @Nullable RevocationFile revocations;
  private final OwnCertificate certificate;
  private final CertificateManager certificates;
  private final XdsClient discovery;
  private final EventLoopGroup loops;
  private final HbonePool pool;
  private final WaypointTunnels tunnels;
  private final HboneServer server;
  private final Channel listener;
  private final @Nullable SandwichServer sandwich;
  private final @Nullable Channel sandwichListener;

  public Waypoint(
      WaypointSettings settings,
      ControlPlaneLoop controlPlane,
      CertificateSource authority,
      Readiness readiness,
      Metrics metrics,
      AccessLog accessLog) {
    Readiness.Task certified = readiness.task("certificate");
    Readiness.Task configured = readiness.task("configuration");
    String namespace = settings.identity().namespace();

    config = new ConfigStore(namespace, settings.identity().trustDomain().name());
    revocations =
        settings.revocations() == null
            ? null
            : new RevocationFile(settings.revocations(), log::warn);
    certificate =
        new OwnCertificate(
            settings.identity(),
            revocations == null
                ? TlsSettings.defaults()
                : TlsSettings.defaults().withRevocations(revocations));
    certificates = new CertificateManager(authority);
    certificates.onChange(certificate::renewed);
    config.onChange(() -> certificate.accepting(config.program().settings().trustDomains()));

    NettyTransport transport = NettyTransport.choose(settings.transport());
    loops = transport.newLoops(settings.loops(), "waypoint");
    pool =
        new HbonePool(
            PoolSettings.DEFAULT.withTunnel(TUNNELS),
            () -> transport.newSocket().get(),
            certificate);

    List<TypeSubscription<?>> types = new ArrayList<>(WorkloadSubscription.of(mesh));
    types.add(ConfigSubscription.of(config));
    FirstAnswers answers = new FirstAnswers(types);
    discovery =
        new XdsClient(
            controlPlane, XdsSettings.of(settings.controlPlane(), node(settings)), types, answers);
    CompletableFuture<Void> synced = answers.complete();

    tunnels =
        new WaypointTunnels(
            new OwnGateway(namespace, settings.gateway(), settings.network()),
            settings.identity(),
            new OwnPlace(
                settings.network(), settings.ownAddress(), settings.node(), settings.cluster()),
            config::program,
            mesh::current,
            synced::isDone,
            new MeshDialer(pool, settings.identity(), transport),
            new HostNames(
                new DnsSource(
                    loops.next().next(),
                    transport.kind(),
                    settings.ownAddress() instanceof Inet6Address)),
            new Telemetry(new AccessLines(accessLog), new IstioMetrics(metrics.registry())));
    server = new HboneServer(SERVING, certificate::contexts, tunnels);

    if (revocations != null) {
      revocations.onChange(server::closeRevoked);
      revocations.onChange(pool::closeRevoked);
      revocations.look();
      revocations.watch(REVOCATIONS_LOOK);
    }

    certificates
        .request(settings.identity())
        .whenComplete((first, refused) -> certified(first, refused, certified));
    discovery.start();
    synced.thenRun(configured::done);
    listener = listen(transport, settings.hbone(), server);
    if (settings.sandwich() == null) {
      sandwich = null;
      sandwichListener = null;
    } else {
      sandwich = new SandwichServer(SERVING, tunnels);
      sandwichListener = listen(transport, settings.sandwich(), sandwich);
    }
  }

  private void certified(WorkloadCertificate first, Throwable refused, Readiness.Task certified) {
    if (refused == null) {
      certificate.renewed(first);
      certified.done();
    } else {
      // Asked again by the manager; the next success arrives through onChange.
      certified.pending(String.valueOf(refused.getMessage()));
      certificates.onChange(_ -> certified.done());
    }
  }

  private static NodeDescription node(WaypointSettings settings) {
    return NodeDescription.of(
        "waypoint",
        settings.ownAddress() == null ? "" : NetUtil.toAddressString(settings.ownAddress()),
        settings.pod(),
        settings.identity().namespace(),
        settings.node(),
        Map.of(
            "SERVICE_ACCOUNT",
            settings.identity().serviceAccount(),
            "CLUSTER_ID",
            settings.cluster(),
            "NETWORK",
            settings.network(),
            "GATEWAY",
            settings.gateway(),
            ConfigSubscription.REVISION_KEY,
            ConfigSubscription.revision()));
  }

  private Channel listen(NettyTransport transport, InetSocketAddress address, Served by) {
    var channel =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> transport.newServerSocket().get())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(by.childHandler())
            .bind(address)
            .syncUninterruptibly()
            .channel();
    log.atInfo()
        .addKeyValue(
            "address", NetUtil.toSocketAddressString((InetSocketAddress) channel.localAddress()))
        .addKeyValue("component", by instanceof SandwichServer ? "sandwich" : "inbound")
        .log("listener established");
    return channel;
  }

  /// Where tunnels are accepted.
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /// Where the node's proxy hands over what it has taken out of tunnels; null when nowhere.
  @Nullable InetSocketAddress sandwichAddress() {
    return sandwichListener == null ? null : (InetSocketAddress) sandwichListener.localAddress();
  }

  ConfigStore config() {
    return config;
  }

  MeshStore mesh() {
    return mesh;
  }

  CertificateManager certificates() {
    return certificates;
  }

  /// Stops accepting, lets requests under way finish, then cuts what is left at the deadline.
  public CompletionStage<?> drain(Duration deadline) {
    stopAccepting();
    tunnels.drain();
    var sandwiched =
        sandwich == null ? CompletableFuture.<Void>completedFuture(null) : sandwich.drain(deadline);
    return server
        .drain(deadline)
        .thenCombine(sandwiched, (_, _) -> null)
        .thenCompose(_ -> pool.drain(Duration.ofMillis(200)));
  }

  private void stopAccepting() {
    listener.close();
    if (sandwichListener != null) {
      sandwichListener.close();
    }
  }

  @Override
  public void close() {
    stopAccepting();
    if (revocations != null) {
      revocations.close();
    }
    discovery.close();
    certificates.close();
    pool.close();
    loops.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS);
  }
}
