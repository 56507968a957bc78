package dev.kiri.bench.envoy;

import dev.kiri.bench.resource.ResourceText;
import java.nio.file.Path;

/// The static configuration of an Envoy between two tunnels, with the work of our waypoint in the
/// same benchmark: it takes CONNECT out of mutual TLS, routes the requests inside by a rule that
/// sets a header, judges them by a policy of ten rules, writes an access log line for each, and
/// asks the server's node proxy for a tunnel. Pure.
///
/// One thing is simpler than with us: the rule that allows names no principal, because the stage
/// that sees requests does not see the tunnel's certificate.
///
/// @param folder where `cert.pem`, `key.pem` and `roots.pem` lie
/// @param server IP address of the pod behind it, whose port 8080 serves
/// @param serverIdentity URI of that pod's identity
record EnvoyBootstrap(Path folder, String server, String serverIdentity) {
  /// The text, as YAML.
  String yaml() {
    return ResourceText.beside(EnvoyBootstrap.class, "envoy.yaml")
        .replace("${folder}", folder.toString())
        .replace("${server}", server)
        .replace("${identity}", serverIdentity);
  }
}
