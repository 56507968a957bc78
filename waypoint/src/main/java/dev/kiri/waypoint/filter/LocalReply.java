package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.route.HeaderEdits;
import java.util.List;

/// An answer of the proxy itself. Texts are Envoy's, because people and tools look for them.
///
/// @param details response code details of the access log
/// @param flag response flag, `-` without one
/// @param grpcStatus what a gRPC client is told instead
/// @param byRule whether a user wrote it: one byte a character, and no type of content but the
///     user's
public record LocalReply(
    int status,
    String body,
    String details,
    String flag,
    List<HeaderEdits.Field> fields,
    int grpcStatus,
    boolean byRule) {
  /// gRPC's UNAVAILABLE.
  private static final int UNAVAILABLE = 14;

  public LocalReply {
    fields = List.copyOf(fields);
  }

  public static LocalReply of(int status, String body, String details, String flag) {
    return new LocalReply(status, body, details, flag, List.of(), grpcStatus(status), false);
  }

  /// No backend can be had for the request: a gRPC client is told UNAVAILABLE, because it takes
  /// what a status of 500 is mapped to for an answer of the application (gateway-api 8).
  public static LocalReply noBackend(int status, String details, String flag) {
    return new LocalReply(status, "", details, flag, List.of(), UNAVAILABLE, false);
  }

  public LocalReply with(List<HeaderEdits.Field> more) {
    return new LocalReply(status, body, details, flag, more, grpcStatus, byRule);
  }

  public LocalReply withGrpcStatus(int code) {
    return new LocalReply(status, body, details, flag, fields, code, byRule);
  }

  /// An answer that a rule gives.
  public static LocalReply direct(int status, String body) {
    return new LocalReply(
        status, body, "direct_response", "-", List.of(), grpcStatus(status), true);
  }

  /// Envoy's mapping of HTTP status to gRPC status.
  private static int grpcStatus(int status) {
    return switch (status) {
      case 400 -> 13;
      case 401 -> 16;
      case 403 -> 7;
      case 404 -> 12;
      case 429, 502, 503, 504 -> UNAVAILABLE;
      default -> 2;
    };
  }
}
