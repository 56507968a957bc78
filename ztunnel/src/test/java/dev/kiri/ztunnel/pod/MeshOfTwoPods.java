package dev.kiri.ztunnel.pod;

import static org.awaitility.Awaitility.await;

import dev.kiri.hbone.blocking.HboneSocket;
import dev.kiri.hbone.connect.Authority;
import dev.kiri.hbone.connect.ConnectRequest;
import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.pool.HbonePool;
import dev.kiri.hbone.pool.PoolSettings;
import dev.kiri.hbone.pool.TunnelKey;
import dev.kiri.hbone.testing.TestCa;
import dev.kiri.hbone.tls.TlsContexts;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.hbone.tunnel.TunnelSettings;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.ops.accesslog.AccessLog;
import dev.kiri.ops.accesslog.LineWriter;
import dev.kiri.ops.accesslog.LogFormat;
import dev.kiri.ops.accesslog.LogLevel;
import dev.kiri.redirect.net.TestNetwork;
import dev.kiri.redirect.net.TestPod;
import dev.kiri.redirect.netns.NamespaceSockets;
import dev.kiri.redirect.netns.PodNetns;
import dev.kiri.redirect.netns.SocketSettings;
import dev.kiri.redirect.netns.SocketTransport;
import dev.kiri.redirect.rules.CaptureSettings;
import dev.kiri.redirect.rules.Commands;
import dev.kiri.redirect.rules.PodCapture;
import dev.kiri.redirect.rules.PodRules;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.TestMesh;
import dev.kiri.ztunnel.balance.EndpointChooser;
import dev.kiri.ztunnel.balance.EndpointWatch;
import dev.kiri.ztunnel.dns.DnsProxy;
import dev.kiri.ztunnel.dns.DnsSettings;
import dev.kiri.ztunnel.dns.Resolvers;
import dev.kiri.ztunnel.outbound.OutboundDecider;
import dev.kiri.ztunnel.share.NodeShares;
import dev.kiri.ztunnel.telemetry.Telemetry;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Two captured pods, `a` at 192.0.2.11 and `b` at 192.0.2.12, in namespaces of their own with the
/// real rules, and one proxy for both. Needs root; aborts the test otherwise.
final class MeshOfTwoPods implements AutoCloseable {
  /// How many connections each pod may have.
  static final int MAX_CONNECTIONS = 500;

  private static final PodCapture ALL = new PodCapture(true, true, List.of());
  private static final CaptureSettings CAPTURE =
      new CaptureSettings(
          true,
          true,
          (Inet4Address) InetAddress.ofLiteral("169.254.7.127"),
          (Inet6Address) InetAddress.ofLiteral("fd16:9254:7127:1337:ffff:ffff:ffff:ffff"));

  final TestNetwork network = TestNetwork.create();
  final TestPod a = network.a();
  final TestPod b = network.b();
  final MeshStore mesh = new MeshStore();
  private final EventLoopGroup group;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  /// Whether writing the log fails.
  volatile boolean diskFull;

  private final LineWriter writer = new LineWriter(disk(), 1000);
  private final TestCertificates certificates = new TestCertificates();
  final NodeServices node;

  /// Whose certificates are revoked.
  final Set<SpiffeId> revoked = ConcurrentHashMap.newKeySet();

  final PrometheusRegistry metrics = new PrometheusRegistry();
  final PodProxy ofA;
  final PodProxy ofB;

  /// What answers for host names; nobody does at first.
  volatile HostResolver resolver =
      (workload, asked) -> CompletableFuture.failedFuture(new IOException("no names here"));

  MeshOfTwoPods() throws IOException {
    this(TunnelSettings.DEFAULT);
  }

  /// With other limits for tunnels than the usual ones.
  MeshOfTwoPods(TunnelSettings tunnels) throws IOException {
    this(PoolSettings.DEFAULT.withTunnel(tunnels), 1);
  }

  /// With other limits of the pool, and several event loops.
  MeshOfTwoPods(PoolSettings pool, int numberOfLoops) throws IOException {
    var transport = NettyTransport.choose(NettyTransport.Kind.EPOLL);
    group = transport.newLoops(numberOfLoops, "data");
    var loops = new ArrayList<EventLoop>();
    group.forEach(executor -> loops.add((EventLoop) executor));
    var random = RandomGenerator.getDefault();
    var endpoints = new EndpointWatch(System::nanoTime);
    node =
        new NodeServices(
            transport,
            loops,
            mesh,
            certificates,
            new Telemetry(
                new AccessLog(
                    writer,
                    LogFormat.PLAIN,
                    Clock.systemUTC(),
                    level -> level.compareTo(LogLevel.INFO) <= 0),
                metrics,
                System::nanoTime),
            new OutboundDecider(
                "",
                Set.of(15001, 15006, 15008, 15080),
                new EndpointChooser(random, endpoints),
                random),
            endpoints,
            (workload, asked) -> resolver.resolve(workload, asked),
            names(),
            new NodeShares(loops, MAX_CONNECTIONS, System::nanoTime, metrics),
            null,
            new PodSettings(
                "",
                true,
                PodSettings.SourceAddress.BEST_EFFORT,
                true,
                true,
                SocketOptions.DEFAULT,
                1337,
                true,
                MAX_CONNECTIONS,
                true,
                true,
                false,
                pool));
    put(new MeshUpdate.PutWorkload(TestMesh.captured("a", "192.0.2.11", "2001:db8::11").build()));
    put(new MeshUpdate.PutWorkload(TestMesh.captured("b", "192.0.2.12", "2001:db8::12").build()));
    ofA = serve(a, "a");
    ofB = serve(b, "b");
  }

  private OutputStream disk() {
    return new FilterOutputStream(log) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        if (diskFull) {
          throw new IOException("No space left on device");
        }
        out.write(bytes, offset, length);
      }
    };
  }

  long droppedLines() {
    return writer.dropped();
  }

  /// Asks the node for what the mesh does not know.
  private DnsProxy names() {
    var settings =
        new DnsSettings(
            true,
            List.of(TestMesh.at("127.0.0.1", 15053), TestMesh.at("::1", 15053)),
            "cluster.local",
            true,
            true,
            null);
    var node = Resolvers.of(TestMesh.at(TestNetwork.NODE4, 53));
    return new DnsProxy(settings, mesh, () -> node, new PrometheusRegistry());
  }

  /// Serves a further pod, captured by the real rules.
  PodProxy serve(TestPod pod, String name) throws IOException {
    var proxy = proxy(pod.netns(), name);
    var commands = new Commands(Path.of("/usr/sbin/nft"), Path.of("/usr/bin/nsenter"));
    new PodRules(commands, CAPTURE).apply(pod.netns(), ALL);
    return proxy;
  }

  /// A proxy for a namespace, without rules.
  PodProxy proxy(PodNetns netns, String name) throws IOException {
    var handle = netns.share();
    try {
      return PodProxy.start(node, new WorkloadInfo(name, "ns", name), handle);
    } catch (IOException failed) {
      handle.close();
      throw failed;
    }
  }

  private boolean isRevoked(X509Certificate certificate, X509Certificate issuer) {
    return CertificateIdentities.of(certificate).spiffe().stream().anyMatch(revoked::contains);
  }

  /// Tells the pods' proxies as the watched file does.
  void revoke(SpiffeId identity) {
    revoked.add(identity);
    ofA.closeRevoked();
    ofB.closeRevoked();
  }

  /// What pod `b` answers when `a` asks it for `authority` through a tunnel of its own: `200`, or
  /// the failure.
  String requestAtB(String authority) throws IOException {
    return requestAtB(a.netns(), 1337, "a", authority);
  }

  /// The same from anywhere and by anybody.
  @SuppressWarnings("try") // opening it is all there is to do
  String requestAtB(PodNetns from, int mark, String serviceAccount, String authority)
      throws IOException {
    var sockets =
        new NamespaceSockets(from, SocketTransport.EPOLL, new SocketSettings(mark, false));
    var contexts = contexts("ns", serviceAccount);
    var key =
        new TunnelKey(
            SpiffeId.of("cluster.local", "ns", serviceAccount),
            List.of(SpiffeId.of("cluster.local", "ns", "b")),
            TestMesh.at(b.ip4(), PodSettings.HBONE_PORT),
            null);
    var request = ConnectRequest.to(Authority.parse(authority));
    try (var pool = new HbonePool(PoolSettings.DEFAULT, sockets::newChannel, _ -> contexts);
        var socket = HboneSocket.open(handler -> pool.open(group.next(), key, request, handler))) {
      socket.shutdownOutput();
      return "200";
    } catch (IOException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  /// Whose certificates the mesh believes.
  TestCa authority() {
    return certificates.authority;
  }

  /// What a program of the mesh shows and asks for in its handshakes.
  TlsContexts contexts(String namespace, String serviceAccount) {
    var identity = SpiffeId.of("cluster.local", namespace, serviceAccount);
    return certificates.request(identity).toCompletableFuture().join();
  }

  void put(MeshUpdate update) {
    mesh.apply(List.of(update));
  }

  /// What a metric says of one pod.
  double metric(String name, String pod) {
    return metrics.scrape().stream()
        .filter(family -> family.getMetadata().getName().equals(name))
        .flatMap(family -> family.getDataPoints().stream())
        .filter(point -> pod.equals(point.getLabels().get("pod")))
        .mapToDouble(
            point ->
                switch (point) {
                  case GaugeSnapshot.GaugeDataPointSnapshot gauge -> gauge.getValue();
                  case CounterSnapshot.CounterDataPointSnapshot counter -> counter.getValue();
                  default -> Double.NaN;
                })
        .sum();
  }

  /// The lines of the access log so far, without their time.
  List<String> lines() {
    var lines = new ArrayList<String>();
    log.toString(StandardCharsets.UTF_8)
        .lines()
        .forEach(line -> lines.add(line.substring(line.indexOf('\t') + 1)));
    return lines;
  }

  /// Waits until the access log has such a line.
  void awaitLine(Predicate<String> such) {
    await().until(() -> lines().stream().anyMatch(such));
  }

  @Override
  public void close() {
    ofA.stop();
    ofB.stop();
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    writer.close();
    network.close();
  }

  /// Certificates of one authority, made when asked for.
  private final class TestCertificates implements Certificates {
    private final TestCa authority = TestCa.root("mesh");
    private final Map<SpiffeId, TlsContexts> made = new ConcurrentHashMap<>();

    @Override
    public @Nullable TlsContexts current(SpiffeId identity) {
      return made.get(identity);
    }

    @Override
    public CompletionStage<TlsContexts> request(SpiffeId identity) {
      return CompletableFuture.completedFuture(
          made.computeIfAbsent(
              identity,
              id ->
                  TlsContexts.of(
                      authority.workload(id.namespace(), id.serviceAccount()),
                      TlsSettings.defaults().withRevocations(MeshOfTwoPods.this::isRevoked))));
    }
  }
}
