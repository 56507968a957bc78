package dev.kiri.waypoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.ops.settings.InvalidSettings;
import dev.kiri.ops.settings.Settings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The environment of upstream's waypoint template.
class WaypointSettingsTest {
  @Test
  void an_empty_environment_gives_upstreams_defaults() {
    var env = Settings.of(Map.of());
    var settings = WaypointSettings.read(env);
    env.finish();

    assertThat(settings.identity().uri()).isEqualTo("spiffe://cluster.local/ns/default/sa/default");
    assertThat(settings.controlPlane().uri().toString())
        .isEqualTo("https://istiod.istio-system.svc:15012");
    assertThat(settings.hbone().getPort()).isEqualTo(15008);
    assertThat(settings.sandwich()).isNull();
    assertThat(settings.revocations()).isNull();
    assertThat(settings.stats()).extracting(a -> a.getPort()).containsExactly(15020, 15090);
    assertThat(settings.readiness().getPort()).isEqualTo(15021);
    assertThat(settings.admin().getPort()).isEqualTo(15000);
    assertThat(settings.admin().getAddress().isLoopbackAddress()).isTrue();
    assertThat(settings.drain()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void the_pods_environment_says_who_and_where_it_is() {
    var env =
        Settings.of(
            Map.of(
                "POD_NAMESPACE", "shop",
                "POD_NAME", "wp-1",
                "SERVICE_ACCOUNT", "wp",
                "ISTIO_META_WORKLOAD_NAME", "wp",
                "TRUST_DOMAIN", "example.org",
                "INSTANCE_IP", "192.0.2.7",
                "KIRI_SANDWICH_PORT", "15088",
                "CA_ADDR", "istiod-canary.istio-system.svc:15012",
                "CRL_PATH", "/var/run/secrets/istio/crl/ca-crl.pem",
                "ISTIO_META_NETWORK", "east"));
    var settings = WaypointSettings.read(env);
    env.finish();

    assertThat(settings.identity().uri()).isEqualTo("spiffe://example.org/ns/shop/sa/wp");
    assertThat(settings.gateway()).isEqualTo("wp");
    assertThat(settings.network()).isEqualTo("east");
    assertThat(settings.sandwich()).extracting(InetSocketAddress::getPort).isEqualTo(15088);
    assertThat(settings.revocations()).hasToString("/var/run/secrets/istio/crl/ca-crl.pem");
    assertThat(settings.ownAddress()).hasToString("/192.0.2.7");
    assertThat(settings.controlPlane().host()).isEqualTo("istiod-canary.istio-system.svc");
  }

  @Test
  void everything_that_is_wrong_is_told_at_once() {
    var env =
        Settings.of(
            Map.of(
                "INSTANCE_IP", "here",
                "KIRI_EVENT_LOOPS", "0",
                "KIRI_TRANSPORT", "pigeon",
                "TERMINATION_DRAIN_DURATION", "soon"));
    WaypointSettings.read(env);

    assertThatThrownBy(env::finish)
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("INSTANCE_IP")
        .hasMessageContaining("KIRI_EVENT_LOOPS")
        .hasMessageContaining("KIRI_TRANSPORT")
        .hasMessageContaining("TERMINATION_DRAIN_DURATION");
  }
}
