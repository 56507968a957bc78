package dev.kiri.waypoint.upstream;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.head.Head;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a request or connection is to go: a service's port, perhaps a subset of its endpoints, and
/// what is said about them.
///
/// @param subset empty: all endpoints
/// @param members uids of the workloads of the subset; null: all
/// @param hash what decides about the endpoint; null: nothing does
public record Destined(
    ServiceKey service,
    int port,
    String subset,
    @Nullable Set<String> members,
    TrafficPolicy policy,
    @Nullable String hash) {
  /// Without anything said.
  public static Destined to(ServiceKey service, int port) {
    return new Destined(service, port, "", null, TrafficPolicy.NONE, null);
  }

  /// An endpoint with how it is to be reached for a request.
  ///
  /// @param source the client
  /// @param dialled what it connected to
  public Target reach(
      Target target, Head head, InetSocketAddress source, InetSocketAddress dialled) {
    ConnectionRules rules = policy.connections();
    return target.by((rules.byHost() ? rules.to(host(head)) : rules).by(source, dialled));
  }

  /// An endpoint with how it is to be reached for a connection: its service's name stands for what
  /// a request would say.
  public Target reach(Target target, InetSocketAddress source, InetSocketAddress dialled) {
    ConnectionRules rules = policy.connections();
    return target.by((rules.byHost() ? rules.to(service.hostname()) : rules).by(source, dialled));
  }

  private String host(Head head) {
    String host = Hosts.of(head);
    return host == null ? service.hostname() : host;
  }

  /// The same with what decides about the endpoint.
  public Destined by(@Nullable String key) {
    return new Destined(service, port, subset, members, policy, key);
  }
}
