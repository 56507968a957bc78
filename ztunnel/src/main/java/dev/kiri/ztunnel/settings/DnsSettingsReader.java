package dev.kiri.ztunnel.settings;

import dev.kiri.ops.settings.Settings;
import dev.kiri.ztunnel.dns.DnsSettings;
import dev.kiri.ztunnel.pod.PodSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// Reads whether and where pods' questions for names are answered.
final class DnsSettingsReader {
  private static final String USUAL = "localhost:15053";

  private DnsSettingsReader() {}

  static DnsSettings read(Settings env, ProxyMode mode, NodeIdentity node, PodSettings pods) {
    var capture = env.optional("ISTIO_META_DNS_CAPTURE");
    boolean podSearches =
        switch (mode) {
          case ProxyMode.Shared() -> true;
          case ProxyMode.Dedicated _ -> false;
        };
    return new DnsSettings(
        capture == null || capture.equalsIgnoreCase("true"),
        addresses(env, env.text("ISTIO_META_DNS_PROXY_ADDR", USUAL)),
        node.clusterDomain(),
        podSearches,
        pods.ipv6(),
        env.optional("PREFERED_SERVICE_NAMESPACE"));
  }

  private static List<InetSocketAddress> addresses(Settings env, String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      var host = text.substring(0, Math.max(0, colon));
      if (host.equals("localhost")) {
        return List.of(
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port),
            new InetSocketAddress(InetAddress.ofLiteral("::1"), port));
      }
      return List.of(new InetSocketAddress(InetAddress.ofLiteral(host), port));
    } catch (IllegalArgumentException malformed) {
      env.problem("failed to parse DNS_PROXY_ADDR: " + text + " (" + malformed.getMessage() + ")");
      return List.of();
    }
  }
}
