package dev.kiri.waypoint.config;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.config.v1.BackendTls;
import dev.kiri.waypoint.config.v1.BackendTlsTarget;
import dev.kiri.waypoint.upstream.EndpointTls;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compiles what a BackendTLSPolicy says. Pure but for files it may name.
final class BackendTlsCompiler {
  private static final String AT = "backend_tls";

  private BackendTlsCompiler() {}

  /// One object, compiled.
  ///
  /// @param tls null: `refused` says why nothing may be sent
  /// @param problem why it refuses all requests instead of being honoured; null: nothing
  record Compiled(
      String name,
      Instant created,
      List<Target> targets,
      @Nullable EndpointTls tls,
      @Nullable String refused,
      @Nullable String problem) {}

  /// @param port 0: any
  record Target(ServiceKey service, int port) {}

  static Compiled compile(String name, BackendTls policy) {
    List<Target> targets = new ArrayList<>();
    for (BackendTlsTarget target : policy.getTargetsList()) {
      targets.add(
          new Target(
              new ServiceKey(target.getNamespace(), target.getHostname()), target.getPort()));
    }
    Instant created =
        HttpRouteCompiler.created(policy.hasCreationTime(), policy.getCreationTime(), AT);
    return switch (policy.getWhatCase()) {
      case TLS -> {
        try {
          yield new Compiled(
              name,
              created,
              targets,
              ConnectionCompiler.tls(policy.getTls(), AT + ".tls"),
              null,
              null);
        } catch (ConnectionCompiler.NoTls broken) {
          String why = String.valueOf(broken.getMessage());
          yield new Compiled(name, created, targets, null, why, why);
        }
      }
      case INVALID ->
          new Compiled(
              name, created, targets, null, HttpRuleCompiler.text(policy.getInvalid()), null);
      case WHAT_NOT_SET ->
          new Compiled(name, created, targets, null, AT + ": says nothing", AT + ": says nothing");
    };
  }
}
