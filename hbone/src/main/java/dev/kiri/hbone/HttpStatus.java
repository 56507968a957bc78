package dev.kiri.hbone;

/// Status code and reason as upstream prints them: `401 Unauthorized`.
final class HttpStatus {

  static String line(int status) {
    var reason =
        switch (status) {
          case 200 -> "OK";
          case 400 -> "Bad Request";
          case 401 -> "Unauthorized";
          case 403 -> "Forbidden";
          case 404 -> "Not Found";
          case 408 -> "Request Timeout";
          case 421 -> "Misdirected Request";
          case 429 -> "Too Many Requests";
          case 431 -> "Request Header Fields Too Large";
          case 500 -> "Internal Server Error";
          case 502 -> "Bad Gateway";
          case 503 -> "Service Unavailable";
          case 504 -> "Gateway Timeout";
          default -> "<unknown status code>";
        };
    return status + " " + reason;
  }

  private HttpStatus() {}
}
