package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.policy.ClientIdentity;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Removes fields by which a client could steer a proxy or claim an identity (waypoint reference
/// 6.3), and writes `x-forwarded-client-cert` from the tunnel where the Gateway asks for it.
final class Sanitize implements Filter {
  private static final HeaderName CLIENT_CERT = HeaderName.of("x-forwarded-client-cert");
  private static final List<HeaderName> REMOVED =
      Stream.of(
              "x-envoy-internal",
              "x-envoy-retry-on",
              "x-envoy-retry-grpc-on",
              "x-envoy-max-retries",
              "x-envoy-retriable-status-codes",
              "x-envoy-retriable-header-names",
              "x-envoy-upstream-rq-timeout-ms",
              "x-envoy-upstream-rq-per-try-timeout-ms",
              "x-envoy-upstream-rq-timeout-alt-response",
              "x-envoy-upstream-alt-stat-name",
              "x-envoy-expected-rq-timeout-ms",
              "x-envoy-force-trace",
              "x-envoy-ip-tags",
              "x-envoy-original-url",
              "x-envoy-original-path",
              "x-envoy-original-host",
              "x-envoy-hedge-on-per-try-timeout",
              "x-envoy-peer-metadata",
              "x-envoy-peer-metadata-id")
          .map(HeaderName::of)
          .toList();
  private static final List<HeaderName> FROM_ENDPOINT =
      Stream.of("x-envoy-peer-metadata", "x-envoy-peer-metadata-id").map(HeaderName::of).toList();

  @Override
  public @Nullable LocalReply request(FilterContext context) {
    Head head = context.head();
    for (int i = 0; i < REMOVED.size(); i++) {
      head.remove(REMOVED.get(i));
    }
    head.remove(CLIENT_CERT);
    ClientIdentity client = context.facts().client();
    if (context.settings().forwardClientIdentity() && client != null) {
      head.add(CLIENT_CERT, "By=" + context.ownIdentity() + ";URI=" + client.id().uri());
    }
    return null;
  }

  @Override
  public void response(FilterContext context, Head answer, boolean local) {
    for (int i = 0; i < FROM_ENDPOINT.size(); i++) {
      answer.remove(FROM_ENDPOINT.get(i));
    }
  }
}
