package dev.kiri.controlplane;

import static dev.kiri.controlplane.Manifests.account;
import static dev.kiri.controlplane.Manifests.all;
import static dev.kiri.controlplane.Manifests.gateway;
import static dev.kiri.controlplane.Manifests.namespace;
import static dev.kiri.controlplane.Manifests.node;
import static dev.kiri.controlplane.Manifests.pod;
import static dev.kiri.controlplane.Manifests.policy;
import static dev.kiri.controlplane.Manifests.route;
import static dev.kiri.controlplane.Manifests.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.store.MeshStore;
import dev.kiri.mesh.workload.TunnelProtocol;
import dev.kiri.mesh.xds.NamedResource;
import dev.kiri.mesh.xds.NodeDescription;
import dev.kiri.mesh.xds.ResourceParser;
import dev.kiri.mesh.xds.TypeSubscription;
import dev.kiri.mesh.xds.WorkloadSubscription;
import dev.kiri.mesh.xds.XdsClient;
import dev.kiri.mesh.xds.XdsObserver;
import dev.kiri.mesh.xds.XdsSettings;
import dev.kiri.waypoint.config.v1.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole control plane on loopback: from files to what proxies hold, and back to status.
class ControlPlaneTest {
  private static final String WAYPOINT_TYPE = "type.googleapis.com/kiri.waypoint.v1.Resource";
  private static final String SHOP =
      all(
          namespace("shop", "istio.io/use-waypoint: waypoint"),
          namespace("istio-system", ""),
          node("node-1"),
          account("shop", "web"),
          pod("shop", "web-0", "web", "node-1", "10.244.1.5", "app: web, version: v1"),
          pod("istio-system", "ztunnel-node-1", "ztunnel", "node-1", "10.244.1.2", "app: ztunnel"),
          service("shop", "web", "10.96.0.10", "app: web"),
          gateway("shop", "waypoint"),
          route(
              "shop",
              "web",
              "web",
              "[{matches: [{path: {value: /a}}], backendRefs: [{name: web, port: 80}, {name: gone,"
                  + " port: 80}]}]"),
          policy(
              "shop",
              "web",
              "{targetRefs: [{kind: Service, group: \"\", name: web}], action: ALLOW, rules: [{to:"
                  + " [{operation: {methods: [GET]}}]}]}"));

  @TempDir Path folder;

  private XdsClient ztunnel(TestPlane plane, ControlPlaneLoop loop, MeshStore store) {
    String token = plane.token("istio-system", "ztunnel", "ztunnel-node-1", "uid-ztunnel-node-1");
    NodeDescription node =
        NodeDescription.of(
            "ztunnel", "10.244.1.2", "ztunnel-node-1", "istio-system", "node-1", Map.of());
    XdsClient client =
        new XdsClient(
            loop,
            XdsSettings.of(plane.endpoint(token), node),
            WorkloadSubscription.of(store),
            new XdsObserver() {});
    client.start();
    return client;
  }

  private XdsClient waypoint(
      TestPlane plane,
      ControlPlaneLoop loop,
      String namespace,
      String account,
      Map<String, Resource> held) {
    String token = plane.token(namespace, account, "some-pod", "some-uid");
    NodeDescription node =
        NodeDescription.of("waypoint", "10.244.1.9", "some-pod", namespace, "node-1", Map.of());
    XdsClient client =
        new XdsClient(
            loop,
            XdsSettings.of(plane.endpoint(token), node),
            List.of(
                new TypeSubscription<>(
                    WAYPOINT_TYPE,
                    ResourceParser.of(Resource.parser()),
                    (updated, removed) -> {
                      for (NamedResource<Resource> each : updated) {
                        held.put(each.name(), each.value());
                      }
                      removed.forEach(held::remove);
                      return new ArrayList<>();
                    })),
            new XdsObserver() {});
    client.start();
    return client;
  }

  private static void ready(TestPlane plane, String gateway) throws IOException {
    plane.write(
        "instance.yaml",
        pod(
            "shop",
            "waypoint-0",
            "waypoint",
            "node-1",
            "10.244.1.9",
            "gateway.networking.k8s.io/gateway-name: " + gateway));
  }

  @Test
  void a_proxy_holds_the_workloads_and_hears_of_a_change_within_100_ms() throws Exception {
    try (TestPlane plane = new TestPlane(folder, SHOP);
        ControlPlaneLoop loop = new ControlPlaneLoop()) {
      MeshStore store = new MeshStore();
      try (XdsClient client = ztunnel(plane, loop, store)) {
        client.synced().get(5, TimeUnit.SECONDS);

        var workload = store.current().workload("Kubernetes//Pod/shop/web-0");
        assertThat(workload).isNotNull();
        assertThat(workload.protocol()).isEqualTo(TunnelProtocol.TCP);
        assertThat(workload.identity().uri()).isEqualTo("spiffe://cluster.local/ns/shop/sa/web");

        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          String wanted = i % 2 == 0 ? "enabled" : "pending";
          long began = System.nanoTime();
          plane.overlay(
              "pod/shop/web-0.yaml",
              "{metadata: {annotations: {ambient.istio.io/redirection: " + wanted + "}}}");
          TunnelProtocol expected = i % 2 == 0 ? TunnelProtocol.HBONE : TunnelProtocol.TCP;
          await()
              .pollInterval(Duration.ofMillis(1))
              .until(
                  () ->
                      store.current().workload("Kubernetes//Pod/shop/web-0").protocol()
                          == expected);
          millis.add((System.nanoTime() - began) / 1_000_000);
        }
        System.out.println("change of a file to the proxy's store, ms: " + millis);
        assertThat(millis.stream().sorted().toList().get(5)).isLessThan(100);
      }
    }
  }

  @Test
  void a_gateway_becomes_a_waypoint_and_takes_the_traffic_once_it_is_ready() throws Exception {
    try (TestPlane plane = new TestPlane(folder, SHOP);
        ControlPlaneLoop loop = new ControlPlaneLoop()) {
      MeshStore store = new MeshStore();
      try (XdsClient client = ztunnel(plane, loop, store)) {
        client.synced().get(5, TimeUnit.SECONDS);
        await().until(() -> !plane.text("objects/deployment/shop/waypoint.yaml").isEmpty());
        assertThat(plane.text("objects/deployment/shop/waypoint.yaml"))
            .contains("image: kiri.dev/waypoint")
            .contains("serviceAccountName: waypoint");
        assertThat(plane.text("objects/service/shop/waypoint.yaml")).contains("port: 15008");
        assertThat(plane.text("objects/serviceaccount/shop/waypoint.yaml")).contains("uid:");
        assertThat(plane.text("objects/configmap/shop/istio-ca-root-cert.yaml"))
            .contains("BEGIN CERTIFICATE");
        await()
            .until(
                () ->
                    plane
                        .text("overlay/gateway/shop/waypoint.yaml")
                        .contains("no instances found for hostname"));
        assertThat(plane.text("overlay/service/shop/web.yaml")).contains("WaypointIsNotReady");

        ready(plane, "waypoint");

        await()
            .until(
                () ->
                    plane
                        .text("overlay/gateway/shop/waypoint.yaml")
                        .contains("waypoint.shop.svc.cluster.local:15008"));
        await()
            .until(
                () ->
                    plane
                        .text("overlay/service/shop/web.yaml")
                        .contains("Successfully attached to waypoint shop/waypoint"));
        await()
            .until(
                () ->
                    store
                            .current()
                            .service(
                                new dev.kiri.mesh.workload.ServiceKey(
                                    "shop", "web.shop.svc.cluster.local"))
                            .waypoint()
                        != null);
      }
    }
  }

  @Test
  void what_the_provisioner_made_goes_with_the_gateway() throws Exception {
    try (TestPlane plane = new TestPlane(folder, namespace("shop", ""))) {
      plane.write("gateway.yaml", gateway("shop", "waypoint"));
      await().until(() -> !plane.text("objects/deployment/shop/waypoint.yaml").isEmpty());

      plane.remove("gateway.yaml");

      await().until(() -> plane.text("objects/deployment/shop/waypoint.yaml").isEmpty());
      await().until(() -> plane.text("objects/service/shop/waypoint.yaml").isEmpty());
      await().until(() -> plane.text("objects/serviceaccount/shop/waypoint.yaml").isEmpty());
      await().until(() -> plane.text("overlay/gateway/shop/waypoint.yaml").isEmpty());
    }
  }

  @Test
  void a_waypoint_sees_what_concerns_its_gateway_and_nobody_else_sees_it() throws Exception {
    try (TestPlane plane = new TestPlane(folder, SHOP);
        ControlPlaneLoop loop = new ControlPlaneLoop()) {
      Map<String, Resource> own = new ConcurrentHashMap<>();
      Map<String, Resource> other = new ConcurrentHashMap<>();
      Map<String, Resource> ztunnel = new ConcurrentHashMap<>();
      try (XdsClient first = waypoint(plane, loop, "shop", "waypoint", own);
          XdsClient second = waypoint(plane, loop, "shop", "web", other);
          XdsClient third = waypoint(plane, loop, "istio-system", "ztunnel", ztunnel)) {
        first.synced().get(5, TimeUnit.SECONDS);
        second.synced().get(5, TimeUnit.SECONDS);
        third.synced().get(5, TimeUnit.SECONDS);

        assertThat(own.keySet())
            .containsExactlyInAnyOrder(
                "Gateway/shop/waypoint",
                "HTTPRoute/shop/web",
                "AuthorizationPolicy/shop/web",
                "Service/shop/web");
        assertThat(other).isEmpty();
        assertThat(ztunnel).isEmpty();
        var rule = own.get("HTTPRoute/shop/web").getHttpRoute().getRules(0);
        assertThat(rule.getBackends(0).getService().getHostname())
            .isEqualTo("web.shop.svc.cluster.local");
        assertThat(rule.getBackends(1).getInvalid().getReason()).isEqualTo("BackendNotFound");
        assertThat(plane.text("overlay/httproute/shop/web.yaml"))
            .contains("backend(gone.shop.svc.cluster.local) not found")
            .contains("observedGeneration: 3");
      }
    }
  }

  @Test
  void an_unchanged_status_is_not_written_again_after_a_restart() throws Exception {
    try (TestPlane plane = new TestPlane(folder, SHOP)) {
      await().until(() -> plane.plane.awaitWritten(Duration.ofSeconds(5)));
      var file = folder.resolve("overlay/httproute/shop/web.yaml");
      var before = java.nio.file.Files.getLastModifiedTime(file);

      plane.restart();
      plane.plane.awaitWritten(Duration.ofSeconds(5));

      assertThat(java.nio.file.Files.getLastModifiedTime(file)).isEqualTo(before);
    }
  }
}
