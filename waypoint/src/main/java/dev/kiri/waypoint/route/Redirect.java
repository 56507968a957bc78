package dev.kiri.waypoint.route;

import org.jspecify.annotations.Nullable;

/// Answers with another place (Gateway API HTTPRequestRedirectFilter).
///
/// @param scheme null: the request's
/// @param hostname null: the request's
/// @param port 0: by `unsaid`
public record Redirect(
    @Nullable String scheme,
    @Nullable String hostname,
    @Nullable PathRewrite path,
    int port,
    PortRule unsaid,
    int status) {

  /// Which port the location names where the rule gives none.
  public enum PortRule {
    /// Of the scheme when one is given, else the service port that the client addressed (Gateway
    /// API).
    SCHEME_OR_SERVICE,
    /// What `hostname` or the request's host says.
    AS_ADDRESSED,
    /// Of the location's scheme.
    SCHEME,
    /// The service port that the client addressed.
    SERVICE
  }

  /// The Location header. `host` is the request's authority with or without a port.
  public String location(
      String requestScheme,
      String host,
      int servicePort,
      String requestPath,
      @Nullable String query,
      PathMatch matched) {
    String newScheme = scheme == null ? requestScheme : scheme;
    int newPort =
        port != 0
            ? port
            : switch (unsaid) {
              case SCHEME_OR_SERVICE ->
                  scheme == null ? servicePort : wellKnown(scheme, servicePort);
              case SCHEME -> wellKnown(newScheme, servicePort);
              case SERVICE -> servicePort;
              case AS_ADDRESSED -> -1;
            };
    String newHost = hostname == null ? (newPort < 0 ? host : withoutPort(host)) : hostname;
    String newPath = path == null ? requestPath : path.apply(requestPath, matched);
    boolean omit =
        newPort < 0
            || (newScheme.equals("http") && newPort == 80)
            || (newScheme.equals("https") && newPort == 443);
    return newScheme
        + "://"
        + newHost
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
