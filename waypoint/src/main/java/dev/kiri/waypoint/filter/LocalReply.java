package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.route.HeaderEdits;
import java.util.List;

/// An answer of the proxy itself. Texts are Envoy's, because people and tools look for them.
///
/// @param details response code details of the access log
/// @param flag response flag, `-` without one
public record LocalReply(
    int status, String body, String details, String flag, List<HeaderEdits.Field> fields) {

  public LocalReply {
    fields = List.copyOf(fields);
  }

  public static LocalReply of(int status, String body, String details, String flag) {
    return new LocalReply(status, body, details, flag, List.of());
  }

  public LocalReply with(List<HeaderEdits.Field> more) {
    return new LocalReply(status, body, details, flag, more);
  }

  /// What a gRPC client is told instead (Envoy's mapping of HTTP status to gRPC status).
  public int grpcStatus() {
    return switch (status) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> 14;
      case 500 -> details.startsWith("cluster_not_found") ? 14 : 2;
      default -> 2;
    };
  }
}
