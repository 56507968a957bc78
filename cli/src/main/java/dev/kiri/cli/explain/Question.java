package dev.kiri.cli.explain;

import dev.kiri.cli.output.CommandFailed;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a user wants explained: where to, and by which request. Immutable.
///
/// @param to a host, an address or `namespace/pod`
/// @param authority of the request; null for the service's host name
/// @param serverName of a TLS hello; null for none
public record Question(
    String to,
    int port,
    String method,
    String path,
    List<String> headers,
    @Nullable String authority,
    @Nullable String serverName) {

  /// Reads `HOST:PORT`, `ADDRESS:PORT`, `[IPV6]:PORT` or `NAMESPACE/POD:PORT`.
  ///
  /// @throws CommandFailed with exit code 64 when that or the request makes no sense
  public static Question of(
      String to,
      String method,
      String path,
      List<String> headers,
      @Nullable String authority,
      @Nullable String serverName) {
    int colon = to.lastIndexOf(':');
    boolean bracketed = to.startsWith("[");
    if (colon < 1
        || (bracketed && to.charAt(colon - 1) != ']')
        || (!bracketed && to.indexOf(':') != colon)) {
      throw CommandFailed.usage(
          "TO "
              + to
              + ": expected HOST:PORT, ADDRESS:PORT, [IPV6]:PORT or NAMESPACE/POD:PORT, such as"
              + " catalog.shop:80");
    }
    var host = bracketed ? to.substring(1, colon - 1) : to.substring(0, colon);
    if (!path.startsWith("/")) {
      throw CommandFailed.usage("--path " + path + ": expected a path that begins with /");
    }
    for (var header : headers) {
      if (header.indexOf(':') < 1) {
        throw CommandFailed.usage("--header " + header + ": expected NAME:VALUE");
      }
    }
    return new Question(
        host, port(to.substring(colon + 1)), method, path, headers, authority, serverName);
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // the same answer
    }
    throw CommandFailed.usage("port " + text + ": expected a number of 1 to 65535");
  }

  /// The request in the terms of a waypoint's `/explain`.
  String query() {
    var query = new StringBuilder();
    add(query, "method", method);
    add(query, "path", path);
    headers.forEach(header -> add(query, "header", header));
    add(query, "authority", authority);
    add(query, "serverName", serverName);
    return query.toString();
  }

  static void add(StringBuilder query, String name, @Nullable String value) {
    if (value != null) {
      query
          .append('&')
          .append(name)
          .append('=')
          .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }
}
