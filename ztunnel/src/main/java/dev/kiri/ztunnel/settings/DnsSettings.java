package dev.kiri.ztunnel.settings;

import dev.kiri.ops.settings.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether pods' DNS queries should be answered by the proxy, and where; read and checked, though
/// this proxy answers none yet: the redirect agent must not capture DNS. Immutable.
/// `preferredNamespace` breaks ties among services of one name.
public record DnsSettings(
    boolean enabled, List<InetSocketAddress> addresses, @Nullable String preferredNamespace) {
  private static final String USUAL = "localhost:15053";

  public DnsSettings {
    addresses = List.copyOf(addresses);
  }

  static DnsSettings from(Settings env) {
    var capture = env.optional("ISTIO_META_DNS_CAPTURE");
    return new DnsSettings(
        capture == null || capture.equalsIgnoreCase("true"),
        addresses(env, env.text("ISTIO_META_DNS_PROXY_ADDR", USUAL)),
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
