package dev.kiri.controlplane;

import dev.kiri.controlplane.ca.CertificateAuthority;
import dev.kiri.controlplane.ca.CertificateService;
import dev.kiri.controlplane.ca.NodeAuthorizer;
import dev.kiri.controlplane.ca.RootAuthority;
import dev.kiri.controlplane.caller.CallerInterceptor;
import dev.kiri.controlplane.index.MeshConfigs;
import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshResources;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.WellKnown;
import dev.kiri.controlplane.kinds.ConfigMapObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.MeshConfig;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kubernetes.KubernetesPlatform;
import dev.kiri.controlplane.metrics.ControlPlaneMetrics;
import dev.kiri.controlplane.platform.FolderPlatform;
import dev.kiri.controlplane.platform.Platform;
import dev.kiri.controlplane.provision.Provisioner;
import dev.kiri.controlplane.provision.Provisioning;
import dev.kiri.controlplane.source.ObjectSource;
import dev.kiri.controlplane.source.ObjectWriter;
import dev.kiri.controlplane.source.WriteQueue;
import dev.kiri.controlplane.status.StatusWriter;
import dev.kiri.controlplane.status.Statuses;
import dev.kiri.controlplane.waypointconfig.ScopedTables;
import dev.kiri.controlplane.waypointconfig.WaypointConfig;
import dev.kiri.controlplane.xds.DiscoveryServer;
import dev.kiri.ops.admin.AdminServer;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.ops.readiness.Readiness;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running control plane: the composition root. Everything is built here, in the order in which a
/// change walks through it.
public final class ControlPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("controlplane");

  private final Readiness readiness = new Readiness();
  private final RootAuthority root;
  private final IndexLoop loop;
  private final WriteQueue writes;
  private final DiscoveryServer discovery;
  private final SecureServer secure;
  private final AdminServer http;
  private final Renewal renewal;
  private final Deque<AutoCloseable> closing;

  /// Builds and starts; returns when all ports are open and all objects are indexed. Where a part
  /// cannot start, nothing stays behind.
  public static ControlPlane start(ControlPlaneSettings settings, Clock clock, String version)
      throws IOException, GeneralSecurityException {
    FolderPlatform.Paths folders = settings.folders();
    return start(
        folders == null
            ? new KubernetesPlatform(
                settings.mesh().rootNamespace(), settings.identity(), settings.tokenAudiences())
            : new FolderPlatform(folders, settings.tokenAudiences(), clock),
        settings,
        clock,
        version);
  }

  /// As [#start(ControlPlaneSettings, Clock, String)], on a platform, which is closed in the end.
  public static ControlPlane start(
      Platform platform, ControlPlaneSettings settings, Clock clock, String version)
      throws IOException, GeneralSecurityException {
    Deque<AutoCloseable> closing = new ArrayDeque<>(List.of(platform));
    try {
      return new ControlPlane(platform, settings, clock, version, closing);
    } catch (IOException | GeneralSecurityException | RuntimeException failed) {
      close(closing);
      throw failed;
    }
  }

  private ControlPlane(
      Platform platform,
      ControlPlaneSettings settings,
      Clock clock,
      String version,
      Deque<AutoCloseable> closing)
      throws IOException, GeneralSecurityException {
    this.closing = closing;
    Metrics metrics = new Metrics().withProcess("controlplane", version);
    ControlPlaneMetrics observed = ControlPlaneMetrics.register(metrics.registry(), version, clock);
    writes = new WriteQueue(platform.leadership()::leads, observed.writes());
    closing.push(writes);
    MeshSettings mesh = configured(platform.source(), settings.mesh());
    Readiness.Task indexed = readiness.task("index");

    // objects to resources
    MeshIndex index = new MeshIndex(mesh);
    WaypointConfig config = new WaypointConfig(index);
    root = RootAuthority.openOrCreate(platform.root(), mesh.trustDomain(), clock);
    observed.certificates().rootExpires(root.certificate().getNotAfter().toInstant());
    Provisioning provisioning = new Provisioning(index, root.pem());
    Statuses statuses = new Statuses(index, config);
    MeshResources resources = new MeshResources(index);
    ScopedTables waypoints = new ScopedTables(config, index.pods(), index.objects().gateways);
    index.podFindings().onChange(Findings::log);
    index.meshFindings().onChange(Findings::log);

    // what is written back
    ObjectWriter writer = platform.writer();
    Provisioner provisioner = new Provisioner(provisioning, writer, writes);
    StatusWriter statusWriter = new StatusWriter(statuses, writer, writes, clock);
    statusWriter.follow();

    loop = new IndexLoop(index, observed);
    Consumer<String> distribute =
        pem ->
            loop.ask(
                () -> {
                  provisioning.distribute(pem);
                  observed.certificates().rootExpires(root.certificate().getNotAfter().toInstant());
                  return index.apply(List.of());
                });
    index
        .objects()
        .configMaps
        .onChange(
            changes -> {
              var map = index.objects().configMaps.rows().get(MeshConfigs.path(mesh));
              if (root.trust(map == null ? List.of() : map.mesh().caCertificates())) {
                Thread.ofVirtual().start(() -> distribute.accept(root.pem()));
              }
            });
    closing.push(loop);
    loop.start();

    // who may call, and what is served
    CallerInterceptor callers =
        new CallerInterceptor(
            platform.tokens(),
            mesh.trustDomain(),
            method -> {
              if (method.startsWith("istio.v1.auth.")) {
                observed.certificates().requested();
                observed.certificates().authenticationFailed();
              }
            });
    CertificateAuthority authority =
        new CertificateAuthority(
            root, settings.certificateLifetime(), settings.longestCertificateLifetime());
    NodeAuthorizer nodes =
        new NodeAuthorizer(settings.trustedNodeAccounts(), mesh.trustDomain(), index.pods());
    discovery =
        new DiscoveryServer(
            Map.of(
                WellKnown.ADDRESS_TYPE, _ -> resources.addresses(),
                WellKnown.AUTHORIZATION_TYPE, _ -> resources.authorizations(),
                WellKnown.WAYPOINT_TYPE, waypoints),
            readiness::ready,
            observed.discovery(),
            version);
    closing.push(discovery::close);
    statuses.proxies().follow(discovery, loop::put);
    secure =
        new SecureServer(
            new InetSocketAddress(settings.listen(), settings.securePort()),
            authority,
            root,
            settings.servingNames(),
            List.of(
                discovery,
                new CertificateService(
                    authority, nodes, mesh.trustDomain(), observed.certificates())),
            callers);
    closing.push(secure);
    AdminServer routes =
        AdminServer.named("http")
            .route("GET", "/ready", readiness.handler())
            .route("GET", "/healthz/ready", readiness.handler())
            .route("GET", "/metrics", metrics.handler())
            .route("GET", "/stats/prometheus", metrics.handler());
    ObjectSource source = platform.source();
    http =
        new DebugViews(loop, index, resources, waypoints, discovery, source)
            .addTo(routes)
            .start(
                new InetSocketAddress(settings.listen(), settings.httpPort()),
                new InetSocketAddress(settings.listen(), settings.monitoringPort()));
    closing.push(http);

    // the ports are open, so from here on things may be written
    source.start(loop);
    loop.synced().join();
    platform
        .leadership()
        .onLead(
            () ->
                loop.ask(
                    () -> {
                      provisioner.ensureClasses(index.objects().gatewayClasses.rows().keySet());
                      provisioner.all();
                      statusWriter.all();
                      return true;
                    }));
    indexed.done();

    renewal = new Renewal(root, distribute, secure);
    closing.push(renewal);
    renewal.start();
    LOG.info(
        "control plane ready: discovery and certificates on {}, HTTP on {}",
        secure.port(),
        http.addresses());
  }

  private static MeshSettings configured(ObjectSource source, MeshSettings settings) {
    ObjectKey key = new ObjectKey(Kind.CONFIG_MAP, settings.rootNamespace(), MeshConfig.CONFIG_MAP);
    return source.peek(key) instanceof ConfigMapObject map ? settings.under(map.mesh()) : settings;
  }

  /// Takes another root over, if there is one in the store that proxies trust.
  void followRoot() {
    renewal.follow();
  }

  /// The port of discovery and certificates.
  public int securePort() {
    return secure.port();
  }

  /// Where HTTP is served.
  public List<InetSocketAddress> httpAddresses() {
    return http.addresses();
  }

  /// The root certificate as PEM.
  public String rootPem() {
    return root.pem();
  }

  /// Waits until nothing is left to be written.
  boolean awaitWritten(Duration atMost) throws InterruptedException {
    return writes.awaitIdle(atMost.toMillis());
  }

  @Override
  public void close() {
    close(closing);
  }

  /// Closes parts, the last started first.
  private static void close(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.warn("closing a part failed", e);
      }
    }
  }
}
