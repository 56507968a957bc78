package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.config.ServiceProgram;
import dev.kiri.waypoint.config.WaypointConfig;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.policy.PolicyFacts;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.route.ValueFormat;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a step may know and say. Confined to the request's loop.
public interface FilterContext {
  /// The request as it will be sent; edits show in it.
  Head head();

  WaypointConfig settings();

  ServiceProgram service();

  PolicyFacts facts();

  /// The route was decided before the first step, on the request as received.
  RouteDecision route();

  /// What the variables in headers' values stand for.
  ValueFormat.Variables variables();

  /// Port of the service (or pod) that the client addressed.
  int port();

  /// The proxy's own identity as a URI.
  String ownIdentity();

  /// What the client wants to switch to; null for an ordinary request.
  @Nullable String upgrade();

  boolean connect();

  /// The value of `Origin` in the request as received; null without one.
  @Nullable String origin();

  /// A number in [0, 1), spread evenly over this loop's requests.
  double point();

  /// Another number in [0, 1), by chance.
  double chance();

  /// What is decided is to be done only after this time.
  void delay(Duration duration);

  /// The backend that the client's session is with; null without a session that still holds.
  Backend.@Nullable OfService sessionBackend();

  /// The chosen backend; null before it is chosen, and where no route covers the service.
  Backend.@Nullable OfService backend();

  void backend(Backend.OfService chosen);

  /// Notes what authorisation decided, for the log.
  void authorized(PolicyDecision decision);
}
