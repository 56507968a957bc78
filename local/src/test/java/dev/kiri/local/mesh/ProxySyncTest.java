package dev.kiri.local.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.store.KubeObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProxySyncTest {
  private static final KubeObject ZTUNNEL =
      pod("istio-system", "ztunnel-node-1", Map.of("app", "ztunnel"));
  private static final KubeObject WAYPOINT =
      pod("shop", "wp-1", Map.of("gateway.networking.k8s.io/gateway-name", "wp"));

  private static KubeObject pod(String namespace, String name, Map<String, Object> labels) {
    return KubeObject.of(
        Map.of(
            "kind",
            "Pod",
            "metadata",
            Map.of("namespace", namespace, "name", name, "labels", labels)));
  }

  private static String stream(String pod, String state) {
    return """
    {"id": 1, "node": "ztunnel~10.244.1.2~%s~x.svc.cluster.local",
     "types": {"type.googleapis.com/istio.workload.Address": {%s}}}\
    """
        .formatted(pod, state);
  }

  private static List<String> behind(String... streams) {
    return ProxySync.behind(List.of(ZTUNNEL), "[" + String.join(",", streams) + "]");
  }

  @Test
  void ztunnels_and_waypoints_are_proxies_and_pods_named_alike_are_not() {
    assertThat(ProxySync.isProxy(ZTUNNEL)).isTrue();
    assertThat(ProxySync.isProxy(WAYPOINT)).isTrue();
    assertThat(ProxySync.isProxy(pod("shop", "ztunnel", Map.of("app", "ztunnel")))).isFalse();
    assertThat(ProxySync.isProxy(pod("istio-system", "istiod-1", Map.of("app", "istiod"))))
        .isFalse();
  }

  @Test
  void a_proxy_that_acknowledged_everything_is_not_behind() {
    assertThat(behind(stream("ztunnel-node-1.istio-system", "\"current\": true"))).isEmpty();
  }

  @Test
  void a_proxy_without_a_stream_is_behind() {
    assertThat(behind())
        .containsExactly("proxy istio-system/ztunnel-node-1 (not connected to the control plane)");
    assertThat(behind(stream("ztunnel-node-2.istio-system", "\"current\": true"))).hasSize(1);
  }

  @Test
  void a_proxy_that_has_not_acknowledged_is_behind_by_type() {
    assertThat(behind(stream("ztunnel-node-1.istio-system", "\"current\": false")))
        .containsExactly(
            "proxy istio-system/ztunnel-node-1 (has not acknowledged the newest"
                + " istio.workload.Address)");
  }

  @Test
  void a_refusal_is_told_with_the_words_of_the_proxy() {
    var refused = "\"current\": false, \"rejected\": \"workload w: no address\"";

    assertThat(behind(stream("ztunnel-node-1.istio-system", refused)))
        .containsExactly(
            "proxy istio-system/ztunnel-node-1 (refuses istio.workload.Address: workload w: no"
                + " address)");
  }

  @Test
  void a_stream_that_ended_without_notice_does_not_hide_its_successor() {
    assertThat(
            behind(
                stream("ztunnel-node-1.istio-system", "\"current\": false"),
                stream("ztunnel-node-1.istio-system", "\"current\": true")))
        .isEmpty();
  }

  @Test
  void a_proxy_that_has_asked_for_nothing_is_behind() {
    var silent = "{\"node\": \"ztunnel~1.1.1.1~ztunnel-node-1.istio-system~x\", \"types\": {}}";

    assertThat(behind(silent))
        .singleElement()
        .asString()
        .contains("has not asked for its configuration yet");
  }
}
