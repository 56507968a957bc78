package dev.kiri.controlplane.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The objects of a waypoint (controlplane.md 9.4, 9.5).
class WaypointObjectsTest {
  private static Map<ObjectKey, Map<String, Object>> objects(String meta, String spec) {
    GatewayObject gateway =
        Objects.object(
            GatewayObject.class,
            "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace: ns, uid: u%s}, spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]%s}}"
                .formatted(meta, spec));
    return new WaypointObjects(gateway, MeshSettings.standard(), "").all();
  }

  @Test
  void account_service_and_deployment_bear_the_gateways_name_and_belong_to_it() {
    var all = objects("", "");

    assertThat(all.keySet())
        .containsExactly(
            new ObjectKey(Kind.SERVICE_ACCOUNT, "ns", "w"),
            new ObjectKey(Kind.SERVICE, "ns", "w"),
            new ObjectKey(Kind.DEPLOYMENT, "ns", "w"));
    for (Map<String, Object> object : all.values()) {
      assertThat(object.toString())
          .contains(
              "gateway.networking.k8s.io/gateway-name=w",
              "gateway.istio.io/managed=istio.io-mesh-controller",
              "kind=Gateway, name=w, uid=u");
    }
    assertThat(all.get(new ObjectKey(Kind.DEPLOYMENT, "ns", "w")).toString())
        .contains("istio.io/dataplane-mode=none", "image=kiri.dev/waypoint")
        .doesNotContain("replicas");
  }

  @Test
  void overrides_and_labels_to_copy_are_honoured_and_reserved_ones_are_not_copied() {
    var all =
        objects(
            ", labels: {team: a, gateway.networking.k8s.io/x: y}, annotations:"
                + " {gateway.istio.io/name-override: other, gateway.istio.io/service-account: sa,"
                + " note: b}",
            "");

    assertThat(all.keySet())
        .containsExactly(
            new ObjectKey(Kind.SERVICE_ACCOUNT, "ns", "sa"),
            new ObjectKey(Kind.SERVICE, "ns", "other"),
            new ObjectKey(Kind.DEPLOYMENT, "ns", "other"));
    String deployment = all.get(new ObjectKey(Kind.DEPLOYMENT, "ns", "other")).toString();
    assertThat(deployment)
        .contains("team=a", "note=b", "serviceAccountName=sa")
        .doesNotContain("gateway.networking.k8s.io/x", "name-override");
  }

  @Test
  void infrastructure_takes_the_place_of_the_gateways_own_labels() {
    String service =
        objects(", labels: {team: a}", ", infrastructure: {labels: {team: b}}")
            .get(new ObjectKey(Kind.SERVICE, "ns", "w"))
            .toString();

    assertThat(service).contains("team=b").doesNotContain("team=a");
  }

  @Test
  void a_gateway_for_a_waypoint_is_written_as_kirictl_does() {
    Map<String, Object> tree =
        new WaypointGateway("ns", "w", "kiri-waypoint", "all", "", "All").tree();

    GatewayObject gateway =
        Objects.object(GatewayObject.class, dev.kiri.controlplane.kinds.Yaml.write(tree));
    assertThat(gateway.meta().labels()).containsEntry("istio.io/waypoint-for", "all");
    assertThat(gateway.listeners().getFirst().from()).isEqualTo("All");
    assertThat(gateway.listeners().getFirst().port()).isEqualTo(15008);
  }

  @Test
  void a_waypoint_cannot_be_called_none_nor_be_for_anything_else() {
    assertThatThrownBy(() -> new WaypointGateway("ns", "none", "c", "", "", "Same"))
        .hasMessageContaining("none");
    assertThatThrownBy(() -> new WaypointGateway("ns", "w", "c", "pods", "", "Same"))
        .hasMessageContaining("pods");
  }
}
