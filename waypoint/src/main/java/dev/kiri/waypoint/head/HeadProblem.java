package dev.kiri.waypoint.head;

/// Why a message was refused before anything looked at its meaning. Status and details are Envoy's,
/// so that logs compare.
public enum HeadProblem {
  CODEC(400, "Bad Request", "http1.codec_error"),
  BARE_LINE_FEED(400, "Bad Request", "http1.codec_error{bare_line_feed}"),
  FOLDED_FIELD(400, "Bad Request", "http1.codec_error{folded_field}"),
  INVALID_FIELD(400, "Bad Request", "http1.codec_error{invalid_field}"),
  INVALID_TARGET(400, "Bad Request", "http1.invalid_url"),
  CONTENT_LENGTH(400, "Bad Request", "http1.content_length_not_allowed"),
  TRANSFER_ENCODING(400, "Bad Request", "http1.invalid_transfer_encoding"),
  INVALID_CHUNK(400, "Bad Request", "http1.codec_error{chunk}"),
  MISSING_HOST(400, "", "missing_host_header"),
  INVALID_HOST(400, "", "invalid_host_header"),
  PATH(400, "", "path_normalization_failed"),
  TOO_SLOW(408, "request header timeout", "request_header_timeout"),
  LOW_VERSION(426, "", "low_version"),
  TOO_LARGE(431, "Request Header Fields Too Large", "http1.headers_too_large"),
  TOO_MANY(431, "Request Header Fields Too Large", "http1.too_many_headers");

  private final int status;
  private final String body;
  private final String details;

  HeadProblem(int status, String body, String details) {
    this.status = status;
    this.body = body;
    this.details = details;
  }

  public int status() {
    return status;
  }

  public String body() {
    return body;
  }

  public String details() {
    return details;
  }
}
