package dev.kiri.waypoint.config;

import dev.kiri.hbone.identity.PemText;
import dev.kiri.waypoint.config.v1.PemSource;
import dev.kiri.waypoint.config.v1.TcpKeepAlive;
import dev.kiri.waypoint.config.v1.TrafficPolicy;
import dev.kiri.waypoint.upstream.Announced;
import dev.kiri.waypoint.upstream.ConnectionRules;
import dev.kiri.waypoint.upstream.EndpointTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compiles what a DestinationRule says about connections to endpoints. Reads the files it names:
/// the only thing here that is not pure.
final class ConnectionCompiler {
  private ConnectionCompiler() {}

  /// Throws [NoTls] with the field, and the file if it is one.
  static ConnectionRules compile(TrafficPolicy policy, String field) {
    Duration connect =
        HttpRuleCompiler.timeout(
            policy.hasConnectTimeout(), policy.getConnectTimeout(), field + ".connect_timeout");
    ConnectionRules rules =
        new ConnectionRules(
            policy.hasTls() ? tls(policy.getTls(), field + ".tls") : null,
            "",
            announced(policy.getProxyProtocol()),
            connect,
            policy.hasKeepAlive() ? keepAlive(policy.getKeepAlive()) : null,
            policy.hasIdleTimeout()
                ? duration(policy.getIdleTimeout(), field + ".idle_timeout")
                : null,
            HttpRuleCompiler.timeout(
                policy.hasMaxConnectionDuration(),
                policy.getMaxConnectionDuration(),
                field + ".max_connection_duration"),
            policy.getMaxStreams());
    return rules.equals(ConnectionRules.NONE) ? ConnectionRules.NONE : rules;
  }

  private static @Nullable Announced announced(TrafficPolicy.ProxyProtocol version) {
    return switch (version) {
      case V1 -> new Announced(Announced.Version.V1, null, null);
      case V2 -> new Announced(Announced.Version.V2, null, null);
      case PROXY_PROTOCOL_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  /// Zero means something of its own.
  static Duration duration(com.google.protobuf.Duration wire, String field) {
    Duration value = Durations.of(wire);
    if (value.isNegative()) {
      throw new InvalidConfig(field, "must not be negative");
    }
    return value;
  }

  private static ConnectionRules.KeepAlive keepAlive(TcpKeepAlive keepAlive) {
    return new ConnectionRules.KeepAlive(
        keepAlive.getProbes(),
        (int) keepAlive.getTime().getSeconds(),
        (int) keepAlive.getInterval().getSeconds());
  }

  static EndpointTls tls(dev.kiri.waypoint.config.v1.EndpointTls tls, String field) {
    if (tls.hasCertificate() != tls.hasKey()) {
      throw new NoTls(
          field
              + (tls.hasKey() ? ".certificate" : ".key")
              + ": must be set: certificate and key go together");
    }
    String at = field;
    try {
      EndpointTls.Own own = null;
      if (tls.hasKey()) {
        at = field + ".certificate";
        var chain = PemText.certificates(from(tls.getCertificate()), text(tls.getCertificate()));
        at = field + ".key";
        own =
            new EndpointTls.Own(PemText.privateKey(from(tls.getKey()), text(tls.getKey())), chain);
      }
      at = field + ".roots";
      return new EndpointTls(
          new EndpointTls.Rules(
              tls.getServerName(),
              List.copyOf(tls.getSubjectAltNamesList()),
              !tls.getSkipVerification(),
              tls.hasRoots()
                  ? PemText.certificates(from(tls.getRoots()), text(tls.getRoots()))
                  : null,
              own));
    } catch (IOException | IllegalArgumentException e) {
      throw new NoTls(at + ": " + e.getMessage());
    }
  }

  /// TLS is wanted and cannot be had.
  static final class NoTls extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoTls(String text) {
      super(text);
    }
  }

  private static String from(PemSource source) {
    return source.hasFile() ? source.getFile() : "the text";
  }

  private static String text(PemSource source) throws IOException {
    if (!source.hasFile()) {
      return source.getText();
    }
    try {
      return Files.readString(Path.of(source.getFile()));
    } catch (IOException unreadable) {
      throw new IOException(
          source.getFile() + ": cannot be read (" + unreadable.getClass().getSimpleName() + ")",
          unreadable);
    }
  }
}
