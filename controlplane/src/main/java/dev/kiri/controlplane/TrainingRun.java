package dev.kiri.controlplane;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/// What the program does to train its start-up cache: a whole control plane over a small folder, in
/// a temporary place, on loopback.
final class TrainingRun {
  private static final String OBJECTS =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec: {clusterIP: 192.0.2.1, selector: {app: web}, ports: [{name: http, port: 80}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web-0, namespace: shop, labels: {app: web}}
      spec: {nodeName: node-1, containers: [{name: web, image: example}]}
      status: {phase: Running, podIP: 198.51.100.1, conditions: [{type: Ready, status: "True"}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: waypoint, namespace: shop}
      spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: web}]
        rules: [{backendRefs: [{name: web, port: 80, weight: 1}]}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: web, namespace: shop}
      spec: {rules: [{from: [{source: {namespaces: [shop]}}]}]}
      """;

  private TrainingRun() {}

  static void run() throws Exception {
    Path folder = Files.createTempDirectory("kiri-training");
    try {
      Path objects = Files.createDirectory(folder.resolve("objects"));
      Path overlay = Files.createDirectory(folder.resolve("overlay"));
      Files.writeString(objects.resolve("shop.yaml"), OBJECTS);
      Path keys = folder.resolve("keys.json");
      Files.writeString(
          keys, new JWKSet(new ECKeyGenerator(Curve.P_256).keyID("1").generate()).toString());
      ControlPlaneSettings settings =
          ControlPlaneSettings.of(
              new String[0],
              Map.of(
                  "KIRI_OBJECTS",
                  objects.toString(),
                  "KIRI_OVERLAY",
                  overlay.toString(),
                  "KIRI_STATE_DIR",
                  folder.resolve("state").toString(),
                  "KIRI_TOKEN_JWKS",
                  keys.toString(),
                  "KIRI_LISTEN_ADDRESS",
                  "127.0.0.1",
                  "KIRI_SECURE_PORT",
                  "0",
                  "KIRI_HTTP_PORT",
                  "0",
                  "KIRI_MONITORING_PORT",
                  "0"));
      try (ControlPlane plane = ControlPlane.start(settings, Clock.systemUTC(), "training")) {
        plane.awaitWritten(Duration.ofSeconds(10));
      }
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
          Files.deleteIfExists(path);
        }
      }
    }
  }
}
