package dev.kiri.waypoint.proxy;

import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.policy.PolicyDecision;
import dev.kiri.waypoint.route.Backend;
import dev.kiri.waypoint.route.RouteDecision;
import dev.kiri.waypoint.upstream.Target;
import org.jspecify.annotations.Nullable;

/// Gathers what the report about one request will say. Confined to its loop.
final class RequestLog {
  private final Client client;
  private final Destination destination;
  private final String protocol;
  private final String method;
  private final String path;
  private final String authority;
  private final String userAgent;
  private final boolean grpc;
  private final long began = System.nanoTime();
  private String requestId = "";
  private String forwardedFor = "";
  private int status;
  private String flags = "-";
  private boolean delayed;
  private String details = "";
  private String transportFailure = "";
  private @Nullable String grpcStatus;
  private long received;
  private long sent;
  private long upstreamMillis = -1;
  private @Nullable Target target;
  private @Nullable ServiceKey backendService;
  private String cluster;
  private @Nullable RouteDecision route;
  private @Nullable PolicyDecision policy;
  private @Nullable PolicyDecision trial;

  RequestLog(Client client, Destination destination, boolean http2, Head head) {
    this.client = client;
    this.destination = destination;
    this.protocol = http2 ? "HTTP/2" : "HTTP/1.1";
    this.method = head.text(head.method());
    this.path = head.target();
    this.authority = head.text(head.authority());
    this.userAgent = orEmpty(head.get(HeaderName.USER_AGENT));
    String type = head.get(HeaderName.CONTENT_TYPE);
    this.grpc =
        type != null
            && (type.equals("application/grpc")
                || type.startsWith("application/grpc+")
                || type.startsWith("application/grpc;"));
    this.cluster = destination.cluster(true);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  boolean isGrpc() {
    return grpc;
  }

  void routed(RouteDecision decision) {
    route = decision;
  }

  void authorized(PolicyDecision decision) {
    policy = decision;
  }

  void trial(@Nullable PolicyDecision decision) {
    trial = decision;
  }

  void identified(Head head) {
    requestId = orEmpty(head.get(HeaderName.X_REQUEST_ID));
    forwardedFor = orEmpty(head.get(HeaderName.X_FORWARDED_FOR));
  }

  void target(Target chosen, Backend.@Nullable OfService backend) {
    target = chosen;
    backendService = backend == null ? null : backend.service();
    if (backend != null && !backend.service().equals(destination.service())) {
      cluster = "outbound|" + backend.port() + "||" + backend.service().hostname();
    }
  }

  void answered(Head answer, String why) {
    status = answer.status();
    details = why;
    if (grpc) {
      grpcStatus = answer.get(HeaderName.GRPC_STATUS);
    }
  }

  void trailers(Head trailers) {
    String said = trailers.get(HeaderName.GRPC_STATUS);
    if (grpc && said != null) {
      grpcStatus = said;
    }
  }

  void flag(String flag) {
    flags = flag;
  }

  /// A rule made the request wait.
  void delayed() {
    delayed = true;
  }

  private String allFlags() {
    if (!delayed) {
      return flags;
    }
    return flags.equals("-") ? "DI" : flags.equals("FI") ? "DI,FI" : flags + ",DI";
  }

  void failed(String flag, String why, String transport) {
    flags = flag;
    details = why;
    transportFailure = transport;
  }

  void transportFailure(String transport) {
    transportFailure = transport;
  }

  void received(int bytes) {
    received += bytes;
  }

  void sent(int bytes) {
    sent += bytes;
  }

  void upstreamMillis(long millis) {
    upstreamMillis = millis;
  }

  RequestReport report(boolean accessLog) {
    return new RequestReport(
        client,
        destination,
        method,
        path,
        protocol,
        authority,
        userAgent,
        requestId,
        forwardedFor,
        status,
        allFlags(),
        details,
        transportFailure,
        grpcStatus,
        grpc,
        received,
        sent,
        (System.nanoTime() - began) / 1_000_000,
        upstreamMillis,
        target,
        backendService,
        cluster,
        route,
        policy,
        trial,
        accessLog);
  }
}
