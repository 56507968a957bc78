package dev.kiri.ztunnel.settings;

import dev.kiri.ops.settings.Settings;
import dev.kiri.redirect.zds.WorkloadInfo;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which ztunnel this is. `nodeName` is absent where every workload counts as local. Immutable.
public record NodeIdentity(
    @Nullable String nodeName,
    String podName,
    String podNamespace,
    String serviceAccount,
    String instanceIp,
    String trustDomain,
    String clusterId,
    String clusterDomain,
    Map<String, String> metadata) {
  private static final String METADATA = "ISTIO_META_";

  /// The workload this proxy itself is; null where it was not told.
  public @Nullable WorkloadInfo workload() {
    return podName.isEmpty() || podNamespace.isEmpty() || serviceAccount.isEmpty()
        ? null
        : new WorkloadInfo(podName, podNamespace, serviceAccount);
  }

  static NodeIdentity from(Settings env) {
    return new NodeIdentity(
        env.optional("NODE_NAME"),
        env.text("POD_NAME", ""),
        env.text("POD_NAMESPACE", ""),
        env.text("SERVICE_ACCOUNT", ""),
        env.text("INSTANCE_IP", "1.1.1.1"),
        env.text("TRUST_DOMAIN", "cluster.local"),
        env.text("ISTIO_META_CLUSTER_ID", env.text("CLUSTER_ID", "Kubernetes")),
        env.text("CLUSTER_DOMAIN", "cluster.local"),
        env.withPrefix(METADATA));
  }
}
