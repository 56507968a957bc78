package dev.kiri.mesh.grpc;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a control plane is, how it is trusted and what is said to it with each call.
///
/// @param uri `https://host:port`; the host is also the expected server name
/// @param alternativeName another server name that is accepted
/// @param roots whom to trust; read again for every new channel
/// @param token the bearer token; read again for every call. Absent: no authentication
/// @param clusterId sent as `clusterid` together with the token
/// @param headers further headers, in lower case
public record ControlPlaneEndpoint(
    URI uri,
    @Nullable String alternativeName,
    RootSource roots,
    @Nullable TokenSource token,
    String clusterId,
    Map<String, String> headers) {

  public ControlPlaneEndpoint {
    headers = Map.copyOf(headers);
    if (!"https".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "control plane address " + uri + " is not of the form https://host:port");
    }
  }

  /// Reads an address as settings spell it: without a scheme, https is meant.
  ///
  /// @throws IllegalArgumentException if it is not an https address
  public static URI address(String text) {
    return URI.create(text.contains("://") ? text : "https://" + text);
  }

  public String host() {
    String host = uri.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  public int port() {
    return uri.getPort() < 0 ? 443 : uri.getPort();
  }
}
