package dev.kiri.redirect.agent;

import dev.kiri.ops.settings.Settings;
import dev.kiri.redirect.rules.CaptureSettings;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The agent's settings, under upstream's names where upstream has one. Immutable.
///
/// @param node the node whose pods are captured: `NODE_NAME`
/// @param objects folder of manifests: `--objects` or `KIRI_OBJECTS`
/// @param overlay folder of what controllers say of them: `--overlay` or `KIRI_OVERLAY`
/// @param netnsFolder folder of namespaces named by pod uid, `KIRI_NETNS_DIR`; null to look at
/// processes
/// @param proc the node's `/proc`, `HOST_PROC`
/// @param zdsSocket where ztunnel connects: `ZTUNNEL_UDS_ADDRESS` or `INPOD_UDS`
/// @param dnsCapture `AMBIENT_DNS_CAPTURE`, off unless asked for
/// @param capture `AMBIENT_IPV6` (on unless denied: what is not captured goes past the mesh),
/// `HOST_PROBE_SNAT_IP`, `HOST_PROBE_SNAT_IPV6`
/// @param eligibility `AMBIENT_ENABLEMENT_SELECTOR`, `EXCLUDE_NAMESPACES`, `SYSTEM_NAMESPACE`
/// @param monitoringPort metrics: `MONITORING_PORT`
/// @param healthPort probes: `HEALTH_PORT`
/// @param reconcileInterval how often everything is looked at again: `KIRI_RECONCILE_INTERVAL`
record AgentSettings(
    String node,
    Path objects,
    Path overlay,
    @Nullable Path netnsFolder,
    Path proc,
    Path zdsSocket,
    boolean dnsCapture,
    CaptureSettings capture,
    Eligibility eligibility,
    int monitoringPort,
    int healthPort,
    Duration reconcileInterval) {

  /// Reads flags and environment; what is wrong is noted in `settings`.
  static AgentSettings read(Settings settings) {
    var netns = settings.text("KIRI_NETNS_DIR", "");
    var defaultSocket = settings.text("INPOD_UDS", "/var/run/ztunnel/ztunnel.sock");
    return new AgentSettings(
        settings.required("NODE_NAME"),
        Path.of(settings.required("KIRI_OBJECTS")),
        Path.of(settings.required("KIRI_OVERLAY")),
        netns.isEmpty() ? null : Path.of(netns),
        Path.of(settings.text("HOST_PROC", "/proc")),
        Path.of(settings.text("ZTUNNEL_UDS_ADDRESS", defaultSocket)),
        settings.flag("AMBIENT_DNS_CAPTURE", false),
        new CaptureSettings(
            settings.flag("AMBIENT_IPV6", true),
            true,
            settings.parsed("HOST_PROBE_SNAT_IP", ipv4("169.254.7.127"), AgentSettings::ipv4),
            settings.parsed(
                "HOST_PROBE_SNAT_IPV6",
                ipv6("fd16:9254:7127:1337:ffff:ffff:ffff:ffff"),
                AgentSettings::ipv6)),
        new Eligibility(
            settings.parsed(
                "AMBIENT_ENABLEMENT_SELECTOR",
                EnablementSelector.parse(EnablementSelector.DEFAULT),
                EnablementSelector::parse),
            Eligibility.namespaces(settings.text("EXCLUDE_NAMESPACES", "")),
            settings.text("SYSTEM_NAMESPACE", "istio-system")),
        settings.integer("MONITORING_PORT", 15014, 0, 65535),
        settings.integer("HEALTH_PORT", 8000, 0, 65535),
        settings.duration("KIRI_RECONCILE_INTERVAL", Duration.ofSeconds(30)));
  }

  /// The environment with flags laid over it.
  ///
  /// @throws IllegalArgumentException for a flag that is not known or lacks its value
  static Map<String, String> environment(String[] arguments, Map<String, String> environment) {
    var merged = new HashMap<>(environment);
    for (var i = 0; i < arguments.length; i++) {
      var parts = arguments[i].split("=", 2);
      var name =
          switch (parts[0]) {
            case "--objects" -> "KIRI_OBJECTS";
            case "--overlay" -> "KIRI_OVERLAY";
            case "--node" -> "NODE_NAME";
            default ->
                throw new IllegalArgumentException(
                    "unknown argument "
                        + arguments[i]
                        + "; known: --objects DIR, --overlay DIR, --node NAME");
          };
      if (parts.length == 2) {
        merged.put(name, parts[1]);
      } else if (i + 1 < arguments.length) {
        merged.put(name, arguments[++i]);
      } else {
        throw new IllegalArgumentException(arguments[i] + " needs a value");
      }
    }
    // Upstream's agent names its level LOG_LEVEL.
    merged.putIfAbsent("RUST_LOG", environment.getOrDefault("LOG_LEVEL", "info"));
    return merged;
  }

  private static Inet4Address ipv4(String text) {
    if (InetAddress.ofLiteral(text) instanceof Inet4Address address) {
      return address;
    }
    throw new IllegalArgumentException("expected an IPv4 address");
  }

  private static Inet6Address ipv6(String text) {
    if (InetAddress.ofLiteral(text) instanceof Inet6Address address) {
      return address;
    }
    throw new IllegalArgumentException("expected an IPv6 address");
  }
}
