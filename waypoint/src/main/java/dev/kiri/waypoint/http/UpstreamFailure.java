package dev.kiri.waypoint.http;

/// Why an endpoint did not answer. `reason` is Envoy's text for bodies and details.
///
/// @param kind what kind of failure
/// @param transport the transport's own text, empty without one
/// @param untouched whether the endpoint certainly has not begun to work on the request
public record UpstreamFailure(Kind kind, String transport, boolean untouched) {

  /// Kinds with Envoy's reason, response flag and status.
  public enum Kind {
    CONNECT_TIMEOUT("connection timeout", "UF", 503),
    CONNECT_FAILED("remote connection failure", "UF", 503),
    CLOSED("connection termination", "UC", 503),
    RESET("remote reset", "UR", 503),
    REFUSED_STREAM("remote refused stream reset", "UR", 503),
    PROTOCOL("protocol error", "UPE", 502),
    OVERFLOW("overflow", "UO", 503);

    private final String reason;
    private final String flag;
    private final int status;

    Kind(String reason, String flag, int status) {
      this.reason = reason;
      this.flag = flag;
      this.status = status;
    }

    public String reason() {
      return reason;
    }

    public String flag() {
      return flag;
    }

    public int status() {
      return status;
    }
  }

  public static UpstreamFailure of(Kind kind, String transport) {
    return new UpstreamFailure(
        kind,
        transport,
        kind == Kind.CONNECT_TIMEOUT
            || kind == Kind.CONNECT_FAILED
            || kind == Kind.REFUSED_STREAM
            || kind == Kind.OVERFLOW);
  }

  /// The body of the local answer.
  public String body() {
    return "upstream connect error or disconnect/reset before headers. reset reason: "
        + kind.reason()
        + (transport.isEmpty() ? "" : ", transport failure reason: " + transport);
  }

  /// Response code details; spaces are printed as underscores.
  public String details() {
    return ("upstream_reset_before_response_started{"
            + kind.reason()
            + (transport.isEmpty() ? "" : "|" + transport)
            + "}")
        .replace(' ', '_');
  }

  /// Details when the answer had begun.
  public String afterHeaders() {
    return ("upstream_reset_after_response_started{" + kind.reason() + "}").replace(' ', '_');
  }
}
