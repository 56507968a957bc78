package dev.kiri.ztunnel.settings;

import dev.kiri.mesh.store.MeshUpdate;
import dev.kiri.ops.settings.Settings;
import dev.kiri.ztunnel.dns.DnsSettings;
import dev.kiri.ztunnel.pod.PodSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// All settings of a ztunnel. Immutable.
///
/// `localMesh` is what is known before discovery, `agentSocket` where the redirect agent listens
/// (`INPOD_UDS`), `drainDeadline` how long open connections may go on after a signal, `workers`
/// the number of event loops, `adminPort` and `statsPort` where operators ask.
public record ZtunnelSettings(
    ProxyMode mode,
    NodeIdentity node,
    ControlPlane controlPlane,
    List<MeshUpdate> localMesh,
    PodSettings pods,
    TlsPolicy tls,
    DnsSettings dns,
    Path agentSocket,
    Duration drainDeadline,
    int workers,
    int adminPort,
    int statsPort,
    String version) {

  public ZtunnelSettings {
    localMesh = List.copyOf(localMesh);
  }

  /// Reads the environment, and the mesh's configuration where there is one; throws
  /// [dev.kiri.ops.settings.InvalidSettings] with all problems.
  public static ZtunnelSettings from(Map<String, String> environment, int cpus) {
    return from(environment, ProxyConfig.MESH, cpus);
  }

  static ZtunnelSettings from(Map<String, String> environment, Path meshFile, int cpus) {
    var problems = new ArrayList<String>();
    var settings = Settings.of(ProxyConfig.over(environment, meshFile, problems));
    problems.forEach(settings::problem);
    var result = read(settings, cpus);
    settings.finish();
    return result;
  }

  private static ZtunnelSettings read(Settings env, int cpus) {
    var mode = ProxyMode.from(env);
    var result = readAll(env, mode, cpus);
    if (result.dns().enabled() && result.controlPlane().onDemand()) {
      env.problem("DNS proxy does not currently support on-demand mode");
    }
    if (!result.dns().enabled() && !result.pods().proxy()) {
      env.problem("ztunnel run without any servers enabled");
    }
    return result;
  }

  private static ZtunnelSettings readAll(Settings env, ProxyMode mode, int cpus) {
    var node = NodeIdentity.from(env);
    var controlPlane = ControlPlane.from(env, node.clusterId());
    var localMesh = LocalMesh.from(env);
    var pods = PodSettingsReader.read(env, mode);
    return new ZtunnelSettings(
        mode,
        node,
        controlPlane,
        localMesh,
        pods,
        TlsPolicy.from(env),
        DnsSettingsReader.read(env, mode, node, pods),
        Path.of(env.text("INPOD_UDS", "/var/run/ztunnel/ztunnel.sock")),
        drainDeadline(env),
        Workers.count(env, cpus),
        env.integer("KIRI_ADMIN_PORT", 15000, 1, 65_535),
        env.integer("KIRI_STATS_PORT", 15020, 1, 65_535),
        env.text("ISTIO_META_ISTIO_VERSION", "unknown"));
  }

  /// `CONNECTION_TERMINATION_DEADLINE`, else a little less than the pod's grace period, else five
  /// seconds (istio/ztunnel `src/config.rs`).
  private static Duration drainDeadline(Settings env) {
    int grace = env.integer("TERMINATION_GRACE_PERIOD_SECONDS", 0, 0, Integer.MAX_VALUE);
    var derived =
        grace == 0
            ? Duration.ofSeconds(5)
            : Duration.ofSeconds(grace > 10 ? grace - 5 : Math.max(1, grace - 1));
    return env.duration("CONNECTION_TERMINATION_DEADLINE", derived);
  }
}
