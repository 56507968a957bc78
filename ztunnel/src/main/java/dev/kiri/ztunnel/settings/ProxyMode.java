package dev.kiri.ztunnel.settings;

import dev.kiri.ops.settings.Settings;
import dev.kiri.redirect.zds.WorkloadInfo;

/// For whom a ztunnel works: `PROXY_MODE`.
public sealed interface ProxyMode {
  /// For all pods of its node, told by the redirect agent.
  record Shared() implements ProxyMode {}

  /// For one workload, in the proxy's own network namespace.
  record Dedicated(WorkloadInfo workload) implements ProxyMode {}

  static ProxyMode from(Settings env) {
    var mode = env.text("PROXY_MODE", "shared");
    return switch (mode) {
      case "shared" -> new Shared();
      case "dedicated" -> dedicated(env);
      default -> {
        env.problem("PROXY_MODE must be one of dedicated, shared");
        yield new Shared();
      }
    };
  }

  private static ProxyMode dedicated(Settings env) {
    var info = env.text("PROXY_WORKLOAD_INFO", "");
    if (info.isEmpty()) {
      env.problem("PROXY_MODE=dedicated requires PROXY_WORKLOAD_INFO to be set");
      return new Shared();
    }
    var parts = info.split("/", -1);
    if (parts.length != 3) {
      env.problem(
          "PROXY_WORKLOAD_INFO must match the format 'namespace/name/service-account' (got "
              + info
              + ")");
      return new Shared();
    }
    return new Dedicated(new WorkloadInfo(parts[1], parts[0], parts[2]));
  }
}
