package dev.kiri.ztunnel.dump;

import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.ztunnel.dns.DnsSettings;
import dev.kiri.ztunnel.pod.PodSettings;
import dev.kiri.ztunnel.settings.ProxyMode;
import dev.kiri.ztunnel.settings.ZtunnelSettings;
import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The settings as upstream's dump shows them; no token, and header values are masked. Pure.
public final class SettingsJson {
  private SettingsJson() {}

  /// The value of key `config`.
  public static Map<String, @Nullable Object> of(ZtunnelSettings settings) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    listeners(json, settings);
    node(json, settings);
    tunnels(json, settings.pods());
    var plane = settings.controlPlane();
    endpoint(json, "ca", plane.authority());
    endpoint(json, "xds", plane.discovery());
    json.put("xdsOnDemand", plane.onDemand());
    json.put("secretTtl", duration(plane.certificateLifetime()));
    json.put("selfTerminationDeadline", duration(settings.drainDeadline()));
    json.put("numWorkerThreads", settings.workers());
    json.put("inpodUds", settings.agentSocket().toString());
    dns(json, settings.dns());
    var revocations = settings.tls().revocations();
    json.put("crlPath", revocations == null ? null : revocations.toString());
    return json;
  }

  private static void listeners(Map<String, @Nullable Object> json, ZtunnelSettings settings) {
    var any = settings.pods().ipv6() ? "[::]:" : "0.0.0.0:";
    json.put("proxy", settings.pods().proxy());
    json.put("adminAddr", Map.of("Localhost", List.of(true, settings.adminPort())));
    json.put("statsAddr", Map.of("SocketAddr", any + settings.statsPort()));
    json.put("readinessAddr", Map.of("SocketAddr", any + "15021"));
    json.put("inboundAddr", any + PodSettings.HBONE_PORT);
    json.put("inboundPlaintextAddr", any + PodSettings.PLAINTEXT_PORT);
    json.put("outboundAddr", any + PodSettings.OUTBOUND_PORT);
    var socks = "127.0.0.1:" + PodSettings.SOCKS_PORT;
    json.put("socks5Addr", settings.pods().socks() ? socks : null);
    json.put("illegalPorts", new TreeSet<>(settings.pods().ownPorts()));
  }

  private static void node(Map<String, @Nullable Object> json, ZtunnelSettings settings) {
    var node = settings.node();
    json.put("network", settings.pods().network());
    json.put("localNode", node.nodeName());
    json.put("clusterId", node.clusterId());
    json.put("clusterDomain", node.clusterDomain());
    json.put("proxyMetadata", node.metadata());
    switch (settings.mode()) {
      case ProxyMode.Shared() -> {
        json.put("proxyMode", "Shared");
        json.put("proxyWorkloadInformation", null);
      }
      case ProxyMode.Dedicated(var workload) -> {
        json.put("proxyMode", "Dedicated");
        json.put(
            "proxyWorkloadInformation",
            Map.of(
                "name",
                workload.name(),
                "namespace",
                workload.namespace(),
                "serviceAccount",
                workload.serviceAccount()));
      }
    }
  }

  private static void tunnels(Map<String, @Nullable Object> json, PodSettings pods) {
    var tunnel = pods.pool().tunnel();
    json.put("windowSize", tunnel.streamWindow());
    json.put("connectionWindowSize", tunnel.connectionWindow());
    json.put("frameSize", tunnel.maxFrameSize());
    json.put("poolMaxStreamsPerConn", pods.pool().maxStreamsPerTunnel());
    json.put("poolUnusedReleaseTimeout", duration(pods.pool().unusedRelease()));
    json.put("inpodPortReuse", pods.reusePort());
    json.put("packetMark", pods.packetMark() == 0 ? null : pods.packetMark());
    json.put(
        "requireOriginalSource",
        switch (pods.sourceAddress()) {
          case PRESERVED -> true;
          case BEST_EFFORT -> null;
          case OWN -> false;
        });
    json.put("localhostAppTunnel", pods.loopbackTunnels());
    json.put("enableEnhancedBaggage", pods.peerMetadata());
    json.put("ipv6Enabled", pods.ipv6());
    var sockets = pods.sockets();
    json.put(
        "socketConfig",
        Map.of(
            "keepaliveEnabled",
            sockets.keepAlive(),
            "keepaliveTime",
            duration(sockets.idle()),
            "keepaliveInterval",
            duration(sockets.interval()),
            "keepaliveRetries",
            sockets.probes(),
            "userTimeoutEnabled",
            sockets.userTimeout()));
  }

  private static void dns(Map<String, @Nullable Object> json, DnsSettings dns) {
    json.put("dnsProxy", dns.enabled());
    json.put("preferedServiceNamespace", dns.preferredNamespace());
    var address = dns.addresses().getFirst();
    json.put(
        "dnsProxyAddr",
        dns.addresses().size() > 1
            ? Map.of("Localhost", List.of(dns.ipv6(), address.getPort()))
            : Map.of("SocketAddr", NetUtil.toSocketAddressString(address)));
  }

  private static void endpoint(
      Map<String, @Nullable Object> json, String kind, @Nullable ControlPlaneEndpoint endpoint) {
    var alternative = kind.equals("ca") ? "altCaHostname" : "altXdsHostname";
    var root = kind.equals("ca") ? "caRootCert" : "xdsRootCert";
    json.put(kind + "Address", endpoint == null ? null : endpoint.uri().toString());
    json.put(alternative, endpoint == null ? null : endpoint.alternativeName());
    json.put(root, endpoint == null ? "Default" : root(endpoint.roots()));
    json.put(
        kind + "Headers",
        endpoint == null
            ? List.of()
            : endpoint.headers().keySet().stream().map(name -> List.of(name, "***")).toList());
  }

  private static Object root(RootSource roots) {
    return switch (roots) {
      case RootSource.File(var path) -> Map.of("File", path.toString());
      case RootSource.Inline _ -> "Static";
      case RootSource.OperatingSystem() -> "Default";
    };
  }

  private static Map<String, Object> duration(Duration duration) {
    return Map.of("secs", duration.getSeconds(), "nanos", duration.getNano());
  }
}
