package dev.kiri.controlplane;

import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.platform.FolderPlatform;
import dev.kiri.ops.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the process is told by flags and environment. A flag wins over its variable.
///
/// @param folders null in a Kubernetes cluster
/// @param identity name of this control plane among its replicas
/// @param trustedNodeAccounts `namespace/account` of node proxies, which may ask for certificates
///     of the pods on their node
/// @param listen address of all ports
/// @param securePort discovery and certificates over TLS; 0 takes any free port, as for the others
public record ControlPlaneSettings(
    FolderPlatform.@Nullable Paths folders,
    String identity,
    Set<String> tokenAudiences,
    Set<String> trustedNodeAccounts,
    MeshSettings mesh,
    Duration certificateLifetime,
    Duration longestCertificateLifetime,
    String listen,
    int securePort,
    int httpPort,
    int monitoringPort) {
  private static final Map<String, String> FLAGS =
      Map.of(
          "--objects", "KIRI_OBJECTS",
          "--overlay", "KIRI_OVERLAY",
          "--state", "KIRI_STATE_DIR",
          "--token-jwks", "KIRI_TOKEN_JWKS");

  /// Help for `--help`.
  static final String USAGE =
      """
      Usage: controlplane [--objects DIR --overlay DIR --state DIR --token-jwks FILE]

      Without arguments: in a Kubernetes cluster, that of the pod or of KUBECONFIG. On folders:

        --objects DIR      folder of objects, read recursively and watched (KIRI_OBJECTS)
        --overlay DIR      tree that status is written to and read from (KIRI_OVERLAY)
        --state DIR        folder of the root key and certificate (KIRI_STATE_DIR)
        --token-jwks FILE  keys that sign service account tokens (KIRI_TOKEN_JWKS)
      """;

  /// Reads arguments and environment; throws one exception that names all problems.
  public static ControlPlaneSettings of(String[] arguments, Map<String, String> environment) {
    Map<String, String> merged = new HashMap<>(environment);
    List<String> wrong = new java.util.ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      String flag = arguments[i];
      int equals = flag.indexOf('=');
      String name = equals < 0 ? flag : flag.substring(0, equals);
      String variable = FLAGS.get(name);
      if (variable == null) {
        wrong.add(
            "unknown argument "
                + flag
                + ", accepted: "
                + String.join(", ", new java.util.TreeSet<>(FLAGS.keySet())));
      } else if (equals >= 0) {
        merged.put(variable, flag.substring(equals + 1));
      } else if (i + 1 < arguments.length) {
        merged.put(variable, arguments[++i]);
      } else {
        wrong.add(name + " needs a value");
      }
    }
    Settings settings = Settings.of(merged);
    wrong.forEach(settings::problem);
    ControlPlaneSettings read = read(settings);
    settings.finish();
    return read;
  }

  private static ControlPlaneSettings read(Settings settings) {
    String root = settings.text("POD_NAMESPACE", "istio-system");
    MeshSettings mesh =
        new MeshSettings(
            settings.text("TRUST_DOMAIN", "cluster.local"),
            List.copyOf(list(settings.text("TRUST_DOMAIN_ALIASES", ""))),
            root,
            settings.text("CLUSTER_DOMAIN", "cluster.local"),
            settings.text("CLUSTER_ID", "Kubernetes"),
            settings.flag("AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY", true),
            settings.text("KIRI_WAYPOINT_IMAGE", MeshSettings.WAYPOINT_IMAGE),
            settings.flag("PILOT_ENABLE_IP_AUTOALLOCATE", true)
                ? MeshSettings.GIVEN_RANGES
                : List.of());
    return new ControlPlaneSettings(
        folders(settings),
        settings.text("POD_NAME", "kiri-controlplane"),
        list(settings.text("TOKEN_AUDIENCES", "istio-ca")),
        list(settings.text("CA_TRUSTED_NODE_ACCOUNTS", root + "/ztunnel")),
        mesh,
        settings.duration("DEFAULT_WORKLOAD_CERT_TTL", Duration.ofHours(24)),
        settings.duration("MAX_WORKLOAD_CERT_TTL", Duration.ofDays(90)),
        settings.text("KIRI_LISTEN_ADDRESS", "0.0.0.0"),
        settings.integer("KIRI_SECURE_PORT", 15012, 0, 65535),
        settings.integer("KIRI_HTTP_PORT", 8080, 0, 65535),
        settings.integer("KIRI_MONITORING_PORT", 15014, 0, 65535));
  }

  /// The folders; null where none of them is named.
  private static FolderPlatform.@Nullable Paths folders(Settings settings) {
    String issuer =
        settings.text("KIRI_TOKEN_ISSUER", "https://kubernetes.default.svc.cluster.local");
    boolean named = false;
    for (String variable : FLAGS.values()) {
      named |= !settings.text(variable, "").isEmpty();
    }
    return named
        ? new FolderPlatform.Paths(
            folder(settings, "KIRI_OBJECTS"),
            folder(settings, "KIRI_OVERLAY"),
            Path.of(settings.required("KIRI_STATE_DIR")),
            Path.of(settings.required("KIRI_TOKEN_JWKS")),
            issuer)
        : null;
  }

  private static Path folder(Settings settings, String name) {
    String value = settings.required(name);
    Path path = Path.of(value);
    if (!value.isEmpty() && !Files.isDirectory(path)) {
      settings.problem(name + "=" + value + " is not a folder");
    }
    return path;
  }

  private static Set<String> list(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }

  /// DNS names in the serving certificate.
  List<String> servingNames() {
    String base = "istiod." + mesh.rootNamespace();
    return List.of(
        base + ".svc", base + ".svc." + mesh.clusterDomain(), base, "istiod", "localhost");
  }
}
