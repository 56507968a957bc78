package dev.kiri.waypoint.upstream;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How connections to endpoints are made and kept. Part of what a connection is known by, so that
/// none is shared by services that ask for something else. Immutable.
///
/// @param tls null: what is sent goes as it is into the tunnel or, outside the mesh, the wire
/// @param serverName what TLS asks for where its rules name nothing; empty without TLS
/// @param announced who is connected; null: the endpoint is not told
/// @param connectTimeout until the endpoint is reached, TLS included; null: the proxy's own
/// @param keepAlive null: none; tunnels have their own
/// @param idle how long an unused connection is kept; null: the proxy's own; zero: without end
/// @param longest after which a connection takes no more requests; null: none
/// @param maxStreams requests at a time on one connection of HTTP/2; 0: what the endpoint allows
public record ConnectionRules(
    @Nullable EndpointTls tls,
    String serverName,
    @Nullable Announced announced,
    @Nullable Duration connectTimeout,
    @Nullable KeepAlive keepAlive,
    @Nullable Duration idle,
    @Nullable Duration longest,
    int maxStreams) {
  /// Nothing was said.
  public static final ConnectionRules NONE =
      new ConnectionRules(null, "", null, null, null, null, null, 0);

  /// Probes of TCP; 0: as the system has it.
  public record KeepAlive(int probes, int timeSeconds, int intervalSeconds) {}

  /// Whether a connection of this age, in nanoseconds, has had its time.
  boolean isTooOld(long age) {
    return longest != null && age >= longest.toNanos();
  }

  /// Whether the endpoint's name depends on the request.
  public boolean byHost() {
    return tls != null && tls.rules().serverName().isEmpty();
  }

  /// The same for one client.
  ConnectionRules by(@Nullable InetSocketAddress source, InetSocketAddress destination) {
    Announced told = announced;
    return told == null
        ? this
        : new ConnectionRules(
            tls,
            serverName,
            new Announced(told.version(), source, destination),
            connectTimeout,
            keepAlive,
            idle,
            longest,
            maxStreams);
  }

  /// The same with TLS.
  ConnectionRules with(@Nullable EndpointTls other) {
    return new ConnectionRules(
        other, serverName, announced, connectTimeout, keepAlive, idle, longest, maxStreams);
  }

  /// The same for requests for a host.
  public ConnectionRules to(String host) {
    return new ConnectionRules(
        tls, host, announced, connectTimeout, keepAlive, idle, longest, maxStreams);
  }
}
