package dev.kiri.mesh.grpc;

import io.grpc.Metadata;
import java.io.IOException;

/// What is said to a control plane with each call.
final class CallHeaders {
  private CallHeaders() {}

  /// Reads the token and makes the headers of one call.
  static Metadata of(ControlPlaneEndpoint endpoint) throws IOException {
    var headers = new Metadata();
    var source = endpoint.token();
    String token = source == null ? null : source.token();
    if (token != null) {
      if (!token.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
        throw new IOException(
            "the token from "
                + source
                + " has a character that no header may carry (a line break?)");
      }
      headers.put(key("authorization"), "Bearer " + token);
      headers.put(key("clusterid"), endpoint.clusterId());
    }
    endpoint
        .headers()
        .forEach(
            (name, value) -> {
              headers.removeAll(key(name));
              headers.put(key(name), value);
            });
    return headers;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
