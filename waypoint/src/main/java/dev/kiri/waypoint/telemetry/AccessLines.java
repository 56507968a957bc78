package dev.kiri.waypoint.telemetry;

import dev.kiri.mesh.workload.Workload;
import dev.kiri.ops.accesslog.AccessLog;
import dev.kiri.ops.accesslog.LineLayout;
import dev.kiri.ops.accesslog.LogLevel;
import dev.kiri.waypoint.policy.ClientIdentity;
import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.policy.PolicyName;
import dev.kiri.waypoint.proxy.Client;
import dev.kiri.waypoint.proxy.ConnectDecision;
import dev.kiri.waypoint.proxy.ConnectionReport;
import dev.kiri.waypoint.proxy.Destination;
import dev.kiri.waypoint.proxy.RequestReport;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.upstream.Target;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes access lines: Envoy's fields under Envoy's JSON names in Envoy's order, then identities,
/// and the rule and policy that decided. Safe on any thread; never blocks.
public final class AccessLines {
  private final AccessLog log;

  public AccessLines(AccessLog log) {
    this.log = log;
  }

  public void request(RequestReport r) {
    if (r.accessLog()) {
      log.log(LogLevel.INFO, "request", line -> request(line, r));
    }
  }

  private static void request(LineLayout line, RequestReport r) {
    line.bare("method", orDash(r.method()))
        .quoted("path", r.path())
        .bare("protocol", r.protocol())
        .number("response_code", r.status())
        .bare("response_flags", r.flags())
        .bare("response_code_details", orDash(r.details().replace(' ', '_')));
    if (!r.transportFailure().isEmpty()) {
      line.quoted("upstream_transport_failure_reason", r.transportFailure());
    }
    line.number("bytes_received", r.bytesReceived())
        .number("bytes_sent", r.bytesSent())
        .number("duration", r.durationMillis());
    if (r.upstreamMillis() >= 0) {
      line.number("upstream_service_time", r.upstreamMillis());
    }
    line.quoted("x_forwarded_for", orDash(r.forwardedFor()))
        .quoted("user_agent", orDash(r.userAgent()))
        .quoted("request_id", orDash(r.requestId()))
        .quoted("authority", orDash(r.authority()));
    ends(line, r.client(), r.destination(), r.cluster(), r.target());
    route(line, r.route());
    policy(line, "policy", r.policy());
    policy(line, "policy_dry_run", r.trial());
  }

  public void connection(ConnectionReport r) {
    if (r.accessLog()) {
      log.log(LogLevel.INFO, "connection", line -> connection(line, r));
    }
  }

  private static void connection(LineLayout line, ConnectionReport r) {
    line.bare("protocol", "TCP")
        .bare("response_flags", r.flags())
        .bare("connection_termination_details", orDash(r.details()))
        .number("bytes_received", r.bytesReceived())
        .number("bytes_sent", r.bytesSent())
        .number("duration", r.durationMillis());
    ends(line, r.client(), r.destination(), r.destination().cluster(false), r.target());
    policy(line, "policy", r.policy());
  }

  public void refused(Client client, String authority, ConnectDecision.Refused why) {
    log.log(
        LogLevel.WARN,
        "CONNECT refused",
        line -> {
          line.number("response_code", why.status())
              .bare("response_flags", "NR")
              .quoted("authority", authority);
          client(line, client);
          line.quoted("error", why.reason());
        });
  }

  /// Nobody's connection yet: who failed to open a tunnel, and why.
  public void tunnelFailed(InetSocketAddress peer, String error) {
    log.log(
        LogLevel.WARN,
        "tunnel refused",
        line -> line.bare("downstream_remote_address", text(peer)).quoted("error", error));
  }

  private static void ends(
      LineLayout line,
      Client client,
      Destination destination,
      String cluster,
      @Nullable Target target) {
    if (target != null) {
      line.bare("upstream_host", target.text());
    }
    line.bare("upstream_cluster", cluster);
    line.bare("downstream_local_address", text(destination.address()));
    client(line, client);
    var service = destination.service();
    if (service != null) {
      line.bare("dst.service", service.hostname()).bare("dst.namespace", service.namespace());
    }
    if (target != null) {
      line.bare("dst.workload", target.workload().name())
          .bare("dst.identity", target.workload().identity().uri());
    }
  }

  private static void client(LineLayout line, Client client) {
    line.bare("downstream_remote_address", text(client.address()));
    Workload workload = client.workload();
    if (workload != null) {
      line.bare("src.workload", workload.name()).bare("src.namespace", workload.namespace());
    }
    ClientIdentity identity = client.identity();
    if (identity != null) {
      line.bare("src.identity", identity.id().uri());
    }
  }

  private static void route(LineLayout line, @Nullable RouteDecision route) {
    switch (route) {
      case null -> line.bare("route_name", "-");
      case RouteDecision.Unrouted _ -> line.bare("route_name", "default");
      case RouteDecision.NoMatch _ -> line.bare("route_name", "-");
      case RouteDecision.Matched(HttpRule rule, var _) -> rule(line, rule);
      case RouteDecision.Broken(HttpRule rule, var _, String reason) -> {
        rule(line, rule);
        line.quoted("error", reason);
      }
    }
  }

  private static void rule(LineLayout line, HttpRule rule) {
    line.bare("route_name", rule.name().text()).quoted("rule", rule.name().toString());
  }

  private static void policy(LineLayout line, String key, @Nullable PolicyDecision decision) {
    switch (decision) {
      case null -> {}
      case PolicyDecision.Allowed(PolicyName by) -> {
        if (by != null) {
          line.quoted(key, "allowed by " + by);
        }
      }
      case PolicyDecision.Denied(PolicyName by) -> line.quoted(key, "denied by " + by);
      case PolicyDecision.NothingAllowed(List<String> policies) ->
          line.quoted(key, "denied: no rule of " + String.join(", ", policies) + " allows it");
    }
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static String text(InetSocketAddress address) {
    return NetUtil.toSocketAddressString(address);
  }
}
