package dev.kiri.ztunnel.settings;

import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.mesh.grpc.TokenSource;
import dev.kiri.ops.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Where configuration and certificates come from. `discovery` is absent when discovery is switched
/// off (`XDS_ADDRESS` empty). Immutable.
public record ControlPlane(
    @Nullable ControlPlaneEndpoint discovery,
    ControlPlaneEndpoint authority,
    Duration certificateLifetime,
    boolean onDemand) {
  private static final String ROOTS = "./var/run/secrets/istio/root-cert.pem";
  private static final String TOKEN = "./var/run/secrets/tokens/istio-token";

  static ControlPlane from(Settings env, String clusterId) {
    boolean kubernetes = env.optional("KUBERNETES_SERVICE_HOST") != null;
    var usual = kubernetes ? "https://istiod.istio-system.svc:15012" : "https://localhost:15012";
    var discovery = env.text("XDS_ADDRESS", usual);
    var authority = env.text("CA_ADDRESS", usual);
    if (authority.isEmpty()) {
      env.problem("CA_ADDRESS must not be empty");
      authority = usual;
    }
    return new ControlPlane(
        discovery.isEmpty() ? null : endpoint(env, "XDS", discovery, clusterId),
        endpoint(env, "CA", authority, clusterId),
        env.duration("SECRET_TTL", Duration.ofDays(1)),
        env.flag("XDS_ON_DEMAND", false));
  }

  private static ControlPlaneEndpoint endpoint(
      Settings env, String kind, String address, String clusterId) {
    var roots = RootSource.parse(env.text(kind + "_ROOT_CA", ROOTS));
    try {
      return endpoint(env, kind, address, roots, clusterId);
    } catch (IllegalArgumentException malformed) {
      env.problem(
          "invalid env var " + kind + "_ADDRESS=" + address + " (" + malformed.getMessage() + ")");
      return endpoint(env, kind, "https://localhost:15012", roots, clusterId);
    }
  }

  private static ControlPlaneEndpoint endpoint(
      Settings env, String kind, String address, RootSource roots, String clusterId) {
    return new ControlPlaneEndpoint(
        ControlPlaneEndpoint.address(address),
        env.optional("ALT_" + kind + "_HOSTNAME"),
        roots,
        token(env),
        clusterId,
        headers(env, kind + "_HEADER_"));
  }

  /// A path or the token itself; the usual path may appear later.
  private static TokenSource token(Settings env) {
    var given = env.optional("AUTH_TOKEN");
    if (given == null || Files.exists(Path.of(given))) {
      return new TokenSource.File(Path.of(given == null ? TOKEN : given));
    }
    return given.startsWith("/") || given.startsWith("./")
        ? new TokenSource.File(Path.of(given))
        : new TokenSource.Literal(given);
  }

  private static Map<String, String> headers(Settings env, String prefix) {
    var headers = new TreeMap<String, String>();
    env.withPrefix(prefix).forEach((k, v) -> headers.put(k.toLowerCase(Locale.ROOT), v));
    return headers;
  }
}
