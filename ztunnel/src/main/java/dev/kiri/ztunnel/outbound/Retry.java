package dev.kiri.ztunnel.outbound;

import dev.kiri.hbone.HboneFailure;
import dev.kiri.ztunnel.balance.EndpointKey;
import java.time.Duration;
import java.util.Collection;

/// Whether a connection that could not be opened is tried on another endpoint, which then sees all
/// that the client has said: nothing of it reaches an application before a connection is open.
/// Pure.
///
/// Upstream does not retry; bounds are ours: [#ATTEMPTS] endpoints, and none begun later than
/// [#PATIENCE] after the client connected, so that one endpoint that swallows packets costs one
/// connect timeout and not more.
public final class Retry {
  static final int ATTEMPTS = 3;
  static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final int SERVICE_UNAVAILABLE = 503;

  private Retry() {}

  /// Whether the endpoint is at fault, so that another may do better. It is not when it refused who
  /// we are, was not who it should be, or answered for somebody else.
  public static boolean blames(OutboundDecision.Tunnel tunnel, HboneFailure failure) {
    return switch (failure) {
      case HboneFailure.ConnectTimedOut _,
          HboneFailure.Io _,
          HboneFailure.Http2Failed _,
          HboneFailure.StreamFailed _ ->
          true;
      // the proxy of the endpoint could not reach its application; a waypoint means its service
      case HboneFailure.Refused(int status) -> status == SERVICE_UNAVAILABLE && tunnel.direct();
      case HboneFailure.TlsRefused _,
          HboneFailure.NoCertificate _,
          HboneFailure.Saturated _,
          HboneFailure.Cancelled _ ->
          false;
    };
  }

  /// Whether another endpoint may be told what this one was: not if it is unknown what became of
  /// it.
  /// `told` says whether the client's first bytes went along with the request; whoever takes those
  /// promises that they reach nobody if it refuses.
  public static boolean mayRepeat(HboneFailure failure, boolean told) {
    return !told || failure instanceof HboneFailure.Refused;
  }

  /// Whether there may be another attempt after the endpoints that were tried.
  public static boolean mayGoOn(Collection<EndpointKey> tried, Duration sinceArrival) {
    return tried.size() < ATTEMPTS && sinceArrival.compareTo(PATIENCE) < 0;
  }

  /// Whether the new decision leads to an endpoint that was not tried.
  public static boolean elsewhere(OutboundDecision next, Collection<EndpointKey> tried) {
    var endpoint = next.endpoint();
    return endpoint != null && !tried.contains(endpoint);
  }
}
