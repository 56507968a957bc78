package dev.kiri.waypoint;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.TrustDomain;
import dev.kiri.hbone.transport.NettyTransport;
import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.mesh.grpc.TokenSource;
import dev.kiri.ops.settings.Settings;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the environment of a waypoint pod says (istio/istio, the waypoint template), plus our own
/// `KIRI_` variables.
///
/// @param gateway name of the Gateway this process works for
/// @param ownAddress of the pod; null when not known
/// @param loops event loops
/// @param sandwich where the node's proxy hands over what it has taken out of tunnels, with a
/// header
///     of PROXY protocol; null when this waypoint takes tunnels only
/// @param revocations the file of CRLs; null when nothing is revoked
public record WaypointSettings(
    SpiffeId identity,
    String gateway,
    String pod,
    String node,
    String cluster,
    String network,
    @Nullable InetAddress ownAddress,
    ControlPlaneEndpoint controlPlane,
    NettyTransport.Kind transport,
    int loops,
    InetSocketAddress hbone,
    @Nullable InetSocketAddress sandwich,
    @Nullable Path revocations,
    List<InetSocketAddress> stats,
    InetSocketAddress readiness,
    InetSocketAddress admin,
    Duration drain) {

  private static final String TOKEN = "/var/run/secrets/tokens/istio-token";
  private static final String ROOT = "/var/run/secrets/istio/root-cert.pem";

  /// Reads everything; what is wrong is noted in `env`, whose owner complains once.
  static WaypointSettings read(Settings env) {
    String namespace = env.text("POD_NAMESPACE", "default");
    String account = env.text("SERVICE_ACCOUNT", "default");
    String trustDomain = env.text("TRUST_DOMAIN", "cluster.local");
    String cluster = env.text("ISTIO_META_CLUSTER_ID", "Kubernetes");
    InetAddress any = NetUtil.createInetAddressFromIpAddressString("::");
    return new WaypointSettings(
        new SpiffeId(
            new TrustDomain(trustDomain.isEmpty() ? "cluster.local" : trustDomain),
            namespace,
            account),
        env.text("KIRI_GATEWAY", env.text("ISTIO_META_WORKLOAD_NAME", account)),
        env.text("POD_NAME", "waypoint"),
        env.text("ISTIO_META_NODE_NAME", env.text("NODE_NAME", "")),
        cluster,
        env.text("ISTIO_META_NETWORK", ""),
        address(env, "INSTANCE_IP"),
        controlPlane(env, cluster),
        env.parsed("KIRI_TRANSPORT", NettyTransport.Kind.EPOLL, WaypointSettings::transport),
        env.integer(
            "KIRI_EVENT_LOOPS",
            NettyTransport.defaultLoops(Runtime.getRuntime().availableProcessors()),
            1,
            256),
        new InetSocketAddress(any, env.integer("KIRI_HBONE_PORT", 15008, 0, 65535)),
        sandwich(env, any),
        env.text("CRL_PATH", "").isEmpty() ? null : Path.of(env.text("CRL_PATH", "")),
        List.of(
            new InetSocketAddress(any, env.integer("KIRI_STATS_PORT", 15020, 0, 65535)),
            new InetSocketAddress(any, env.integer("KIRI_PROXY_STATS_PORT", 15090, 0, 65535))),
        new InetSocketAddress(any, env.integer("KIRI_READINESS_PORT", 15021, 0, 65535)),
        new InetSocketAddress(
            InetAddress.getLoopbackAddress(), env.integer("PROXY_ADMIN_PORT", 15000, 0, 65535)),
        env.duration("TERMINATION_DRAIN_DURATION", Duration.ofSeconds(5)));
  }

  private static @Nullable InetSocketAddress sandwich(Settings env, InetAddress any) {
    int port = env.integer("KIRI_SANDWICH_PORT", 0, 0, 65535);
    return port == 0 ? null : new InetSocketAddress(any, port);
  }

  private static NettyTransport.Kind transport(String text) {
    try {
      return NettyTransport.Kind.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException("expected epoll, io_uring or nio");
    }
  }

  private static ControlPlaneEndpoint controlPlane(Settings env, String cluster) {
    URI address =
        env.parsed(
            "CA_ADDR",
            ControlPlaneEndpoint.address("istiod.istio-system.svc:15012"),
            ControlPlaneEndpoint::address);
    return new ControlPlaneEndpoint(
        address,
        null,
        RootSource.parse(env.text("CA_ROOT_CA", ROOT)),
        new TokenSource.File(Path.of(env.text("KIRI_TOKEN_FILE", TOKEN))),
        cluster,
        Map.of());
  }

  private static @Nullable InetAddress address(Settings env, String name) {
    String text = env.text(name, "");
    if (text.isEmpty()) {
      return null;
    }
    InetAddress parsed = NetUtil.createInetAddressFromIpAddressString(text);
    if (parsed == null) {
      env.problem("invalid env var " + name + "=" + text + " (expected an IP address)");
    }
    return parsed;
  }
}
