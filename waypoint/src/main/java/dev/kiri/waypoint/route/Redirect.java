package dev.kiri.waypoint.route;

import org.jspecify.annotations.Nullable;

/// Answers with another place (Gateway API HTTPRequestRedirectFilter).
///
/// @param scheme null: the request's
/// @param hostname null: the request's
/// @param port 0: from the scheme when one is given, else the service port the client addressed
public record Redirect(
    @Nullable String scheme,
    @Nullable String hostname,
    @Nullable PathRewrite path,
    int port,
    int status) {

  /// The Location header. `host` is the request's authority with or without a port.
  public String location(
      String requestScheme,
      String host,
      int servicePort,
      String requestPath,
      @Nullable String query,
      PathMatch matched) {
    String newScheme = scheme == null ? requestScheme : scheme;
    int newPort = port != 0 ? port : scheme == null ? servicePort : wellKnown(scheme, servicePort);
    String newPath = path == null ? requestPath : path.apply(requestPath, matched);
    boolean omit =
        (newScheme.equals("http") && newPort == 80)
            || (newScheme.equals("https") && newPort == 443);
    return newScheme
        + "://"
        + (hostname == null ? withoutPort(host) : hostname)
        + (omit ? "" : ":" + newPort)
        + newPath
        + (query == null || newPath.indexOf('?') >= 0 ? "" : "?" + query);
  }

  private static int wellKnown(String scheme, int otherwise) {
    return switch (scheme) {
      case "http" -> 80;
      case "https" -> 443;
      default -> otherwise;
    };
  }

  static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') && colon >= 0 ? host.substring(0, colon) : host;
  }
}
