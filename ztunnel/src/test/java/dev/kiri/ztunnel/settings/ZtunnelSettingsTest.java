package dev.kiri.ztunnel.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.ops.settings.InvalidSettings;
import dev.kiri.redirect.zds.WorkloadInfo;
import dev.kiri.ztunnel.pod.PodSettings.SourceAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Defaults and forms of upstream's variables (istio/ztunnel `src/config.rs`).
class ZtunnelSettingsTest {
  @Test
  void without_any_variable_everything_is_as_upstream_has_it() {
    var settings = ZtunnelSettings.from(Map.of(), 4);

    assertThat(settings.mode()).isEqualTo(new ProxyMode.Shared());
    assertThat(settings.agentSocket()).isEqualTo(Path.of("/var/run/ztunnel/ztunnel.sock"));
    assertThat(settings.drainDeadline()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.workers()).isEqualTo(2);
    assertThat(settings.node().clusterId()).isEqualTo("Kubernetes");
    assertThat(settings.node().nodeName()).isNull();
    assertThat(settings.controlPlane().authority().uri()).hasToString("https://localhost:15012");
    assertThat(settings.controlPlane().certificateLifetime()).isEqualTo(Duration.ofDays(1));
    assertThat(settings.dns().enabled()).isTrue();
    assertThat(settings.tls().revocations()).isNull();
    var pods = settings.pods();
    assertThat(pods.packetMark()).isEqualTo(1337);
    assertThat(pods.proxy()).isTrue();
    assertThat(pods.socks()).isFalse();
    assertThat(pods.ownPorts()).containsExactlyInAnyOrder(15001, 15006, 15008);
    assertThat(pods.maxConnections()).isEqualTo(20_000);
    assertThat(settings.controlPlane().onDemand()).isFalse();
    assertThat(settings.node().workload()).isNull();
    assertThat(settings.adminPort()).isEqualTo(15000);
    assertThat(settings.statsPort()).isEqualTo(15020);
    assertThat(pods.reusePort()).isTrue();
    assertThat(pods.sourceAddress()).isEqualTo(SourceAddress.BEST_EFFORT);
    assertThat(pods.sockets().idle()).isEqualTo(Duration.ofMinutes(3));
    assertThat(pods.sockets().probes()).isEqualTo(9);
    assertThat(pods.pool().maxStreamsPerTunnel()).isEqualTo(100);
    assertThat(pods.pool().tunnel().streamWindow()).isEqualTo(4_194_304);
  }

  @Test
  void every_variable_is_read() {
    var env = new HashMap<String, String>();
    env.put("PROXY_MODE", "dedicated");
    env.put("PROXY_WORKLOAD_INFO", "shop/web-1/web");
    env.put("NETWORK", "east");
    env.put("NODE_NAME", "node-1");
    env.put("ISTIO_META_CLUSTER_ID", "c2");
    env.put("CLUSTER_ID", "ignored");
    env.put("KUBERNETES_SERVICE_HOST", "192.0.2.1");
    env.put("XDS_ADDRESS", "istiod.test:15012");
    env.put("XDS_HEADER_X_Tenant", "t");
    env.put("SECRET_TTL", "1h");
    env.put("CONNECTION_TERMINATION_DEADLINE", "7s");
    env.put("ZTUNNEL_WORKER_THREADS", "3");
    env.put("ENABLE_ORIG_SRC", "false");
    env.put("KEEPALIVE_TIME", "10s");
    env.put("HTTP2_STREAM_WINDOW_SIZE", "65536");
    env.put("ISTIO_META_DNS_CAPTURE", "false");
    env.put("ISTIO_META_DNS_PROXY_ADDR", "192.0.2.9:53");
    env.put("INPOD_UDS", "/run/z.sock");
    env.put("CRL_PATH", "/run/crl.pem");
    env.put("UNSTABLE_ENABLE_SOCKS5", "true");
    env.put("KIRI_POD_MAX_CONNECTIONS", "7");
    env.put("XDS_ON_DEMAND", "true");
    env.put("POD_NAME", "zt");
    env.put("POD_NAMESPACE", "istio-system");
    env.put("SERVICE_ACCOUNT", "ztunnel");
    var settings = ZtunnelSettings.from(env, 4);

    assertThat(settings.mode())
        .isEqualTo(new ProxyMode.Dedicated(new WorkloadInfo("web-1", "shop", "web")));
    assertThat(settings.pods().network()).isEqualTo("east");
    assertThat(settings.pods().packetMark()).isZero();
    assertThat(settings.pods().ownPorts()).contains(15080);
    assertThat(settings.pods().maxConnections()).isEqualTo(7);
    assertThat(settings.controlPlane().onDemand()).isTrue();
    assertThat(settings.node().workload())
        .isEqualTo(new WorkloadInfo("zt", "istio-system", "ztunnel"));
    assertThat(settings.pods().sourceAddress()).isEqualTo(SourceAddress.OWN);
    assertThat(settings.pods().sockets().idle()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.pods().pool().tunnel().streamWindow()).isEqualTo(65536);
    assertThat(settings.node().nodeName()).isEqualTo("node-1");
    assertThat(settings.node().clusterId()).isEqualTo("c2");
    assertThat(settings.controlPlane().discovery())
        .isNotNull()
        .satisfies(
            xds -> {
              assertThat(xds.uri()).hasToString("https://istiod.test:15012");
              assertThat(xds.headers()).containsEntry("x_tenant", "t");
            });
    assertThat(settings.controlPlane().authority().uri())
        .hasToString("https://istiod.istio-system.svc:15012");
    assertThat(settings.controlPlane().certificateLifetime()).isEqualTo(Duration.ofHours(1));
    assertThat(settings.drainDeadline()).isEqualTo(Duration.ofSeconds(7));
    assertThat(settings.workers()).isEqualTo(3);
    assertThat(settings.dns().enabled()).isFalse();
    assertThat(settings.dns().addresses()).hasSize(1);
    assertThat(settings.agentSocket()).isEqualTo(Path.of("/run/z.sock"));
    assertThat(settings.tls().revocations()).isEqualTo(Path.of("/run/crl.pem"));
  }

  @Test
  void an_empty_discovery_address_switches_discovery_off() {
    assertThat(ZtunnelSettings.from(Map.of("XDS_ADDRESS", ""), 2).controlPlane().discovery())
        .isNull();
  }

  @Test
  void all_problems_are_reported_at_once() {
    var env =
        Map.of(
            "PROXY_MODE", "sidecar",
            "ENABLE_ORIG_SRC", "maybe",
            "ZTUNNEL_WORKER_THREADS", "101%",
            "ISTIO_META_DNS_PROXY_ADDR", "nonsense");

    assertThatThrownBy(() -> ZtunnelSettings.from(env, 2))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("PROXY_MODE must be one of dedicated, shared")
        .hasMessageContaining("invalid env var ENABLE_ORIG_SRC=maybe (expected true or false)")
        .hasMessageContaining("invalid env var ZTUNNEL_WORKER_THREADS=101% (expected 1% to 100%)")
        .hasMessageContaining("failed to parse DNS_PROXY_ADDR: nonsense");
  }

  @Test
  void settings_that_exclude_each_other_are_problems() {
    assertThatThrownBy(() -> ZtunnelSettings.from(Map.of("XDS_ON_DEMAND", "true"), 2))
        .hasMessage("DNS proxy does not currently support on-demand mode");
    assertThatThrownBy(
            () ->
                ZtunnelSettings.from(
                    Map.of("ENABLE_PROXY", "false", "ISTIO_META_DNS_CAPTURE", "false"), 2))
        .hasMessage("ztunnel run without any servers enabled");
    assertThat(ZtunnelSettings.from(Map.of("ENABLE_PROXY", "false"), 2).pods().proxy()).isFalse();
  }

  @Test
  void the_configuration_of_the_mesh_stands_behind_the_environment(@TempDir Path folder)
      throws IOException {
    var mesh =
        Files.writeString(
            folder.resolve("mesh"),
            """
            rootNamespace: istio-system
            defaultConfig:
              discoveryAddress: from-file:15012
              concurrency: 3
              statsPort: 16020
              proxyMetadata:
                ISTIO_META_DNS_CAPTURE: "false"
                REGION: file
            """);
    var given = "{concurrency: 5, proxyMetadata: {REGION: env, ZONE: a}}";

    var settings =
        ZtunnelSettings.from(
            Map.of("PROXY_CONFIG", given, "ISTIO_META_ZONE", "b", "CA_ADDRESS", "ca:1"), mesh, 8);

    assertThat(settings.controlPlane().discovery())
        .isNotNull()
        .satisfies(xds -> assertThat(xds.uri()).hasToString("https://from-file:15012"));
    assertThat(settings.controlPlane().authority().uri()).hasToString("https://ca:1");
    assertThat(settings.workers()).isEqualTo(5);
    assertThat(settings.statsPort()).isEqualTo(16020);
    assertThat(settings.adminPort()).isEqualTo(15000);
    assertThat(settings.dns().enabled()).isFalse();
    assertThat(settings.node().metadata())
        .containsEntry("REGION", "env")
        .containsEntry("ZONE", "b");
  }

  @Test
  void a_configuration_that_cannot_be_read_is_a_problem(@TempDir Path folder) throws IOException {
    var mesh = Files.writeString(folder.resolve("mesh"), "{");

    assertThatThrownBy(
            () ->
                ZtunnelSettings.from(
                    Map.of("PROXY_CONFIG", "concurrency: many\nproxyMetadata: 3"), mesh, 2))
        .hasMessageContaining("failed parsing mesh config file " + mesh + ": ")
        .hasMessageContaining(
            "failed parsing proxy config env: concurrency: expected a number, got many")
        .hasMessageContaining("failed parsing proxy config env: proxyMetadata: expected an object");
  }

  @Test
  void a_dedicated_proxy_must_know_for_whom() {
    assertThatThrownBy(() -> ZtunnelSettings.from(Map.of("PROXY_MODE", "dedicated"), 2))
        .hasMessage("PROXY_MODE=dedicated requires PROXY_WORKLOAD_INFO to be set");
    assertThatThrownBy(
            () ->
                ZtunnelSettings.from(
                    Map.of("PROXY_MODE", "dedicated", "PROXY_WORKLOAD_INFO", "a/b"), 2))
        .hasMessage(
            "PROXY_WORKLOAD_INFO must match the format 'namespace/name/service-account' (got a/b)");
  }

  @ParameterizedTest
  @CsvSource({"30,PT25S", "11,PT6S", "10,PT9S", "2,PT1S", "1,PT1S"})
  void the_deadline_follows_the_grace_period(String seconds, Duration expected) {
    var settings = ZtunnelSettings.from(Map.of("TERMINATION_GRACE_PERIOD_SECONDS", seconds), 2);

    assertThat(settings.drainDeadline()).isEqualTo(expected);
  }

  /// Upstream's vectors, but for the automatic number, which is ours.
  @ParameterizedTest
  @CsvSource({
    "16,30%,,,,5",
    "4,10%,,,,1",
    "4,,500m,,,1",
    "4,,2500m,,,3",
    "4,,1.5,,,2",
    "4,,16,,,16",
    "4,,4,8,,8",
    "4,0,,,6,6",
    "2,,,,,1",
    "4,,,,,2",
    "64,,,,,4",
    "2,,,8,,8"
  })
  void workers_follow_the_cpus(
      int cpus, String threads, String limit, String request, String count, int expected) {
    var env = new HashMap<String, String>();
    put(env, "ZTUNNEL_WORKER_THREADS", threads);
    put(env, "ZTUNNEL_RESOURCE_CPU_LIMIT", limit);
    put(env, "ZTUNNEL_RESOURCE_CPU_REQUEST", request);
    put(env, "ZTUNNEL_CPU_LIMIT", count);

    assertThat(ZtunnelSettings.from(env, cpus).workers()).isEqualTo(expected);
  }

  private static void put(
      Map<String, String> env, String name, @org.jspecify.annotations.Nullable String value) {
    if (value != null) {
      env.put(name, value);
    }
  }
}
