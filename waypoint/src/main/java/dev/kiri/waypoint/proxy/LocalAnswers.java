package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.filter.LocalReply;
import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.head.HeaderName;
import dev.kiri.waypoint.route.HeaderEdits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/// Writes the head of a local reply; a gRPC client is told by trailers-only 200.
final class LocalAnswers {
  private static final HeaderName OVERLOADED = HeaderName.of("x-envoy-overloaded");

  private LocalAnswers() {}

  /// Of a host that the request names (waypoint reference 22.3).
  static LocalReply notResolved(String host, String why) {
    return LocalReply.of(
        503,
        "DNS resolution failure",
        "dns_resolution_failure{" + host + ":_" + why.replace(' ', '_') + "}",
        "DF");
  }

  static ByteBuf write(LocalReply reply, boolean grpc, Head head) {
    ByteBuf body = Unpooled.EMPTY_BUFFER;
    if (grpc && (reply.status() >= 400 || reply.flag().equals("FI"))) {
      head.status(200);
      head.add(HeaderName.CONTENT_TYPE, "application/grpc");
      head.add(HeaderName.GRPC_STATUS, Integer.toString(reply.grpcStatus()));
      if (!reply.body().isEmpty()) {
        head.add(HeaderName.GRPC_MESSAGE, reply.body());
      }
    } else {
      byte[] text =
          reply
              .body()
              .getBytes(reply.byRule() ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
      head.status(reply.status());
      head.add(HeaderName.CONTENT_LENGTH, Integer.toString(text.length));
      if (text.length > 0) {
        if (!reply.byRule()) {
          head.add(HeaderName.CONTENT_TYPE, "text/plain");
        }
        body = Unpooled.wrappedBuffer(text);
      }
    }
    if (reply.flag().contains("UO")) {
      head.add(OVERLOADED, "true");
    }
    for (HeaderEdits.Field field : reply.fields()) {
      head.add(field.name(), field.value());
    }
    return body;
  }
}
