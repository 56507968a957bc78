package dev.kiri.waypoint;

import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.memory.IdleMemory;
import dev.kiri.ops.settings.Settings;
import dev.kiri.waypoint.config.ConfigStore;
import dev.kiri.waypoint.config.v1.AuthorizationPolicy;
import dev.kiri.waypoint.config.v1.HttpMatch;
import dev.kiri.waypoint.config.v1.HttpRoute;
import dev.kiri.waypoint.config.v1.HttpRule;
import dev.kiri.waypoint.config.v1.ObjectRef;
import dev.kiri.waypoint.config.v1.PathMatch;
import dev.kiri.waypoint.config.v1.PolicyOperation;
import dev.kiri.waypoint.config.v1.PolicyRule;
import dev.kiri.waypoint.config.v1.PolicyTarget;
import dev.kiri.waypoint.config.v1.Resource;
import dev.kiri.waypoint.config.v1.RouteParent;
import dev.kiri.waypoint.config.v1.WholeWaypoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What the ahead-of-time cache is recorded from: compiling configuration, then a whole start
/// without a control plane and one request to each of the operators' pages.
final class Training {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "CA_ADDR", "127.0.0.1:1",
          "CA_ROOT_CA", "SYSTEM",
          "INSTANCE_IP", "127.0.0.1",
          "KIRI_HBONE_PORT", "0",
          "KIRI_STATS_PORT", "0",
          "KIRI_PROXY_STATS_PORT", "0",
          "KIRI_READINESS_PORT", "0",
          "PROXY_ADMIN_PORT", "0");

  private Training() {}

  static void run() throws Exception {
    configuration();
    Settings env = Settings.of(ENVIRONMENT);
    WaypointSettings settings = WaypointSettings.read(env);
    Logging logging = Logging.start(env);
    env.finish();
    Drain drain = new Drain(Duration.ofSeconds(1));
    WaypointMain.run(
        settings,
        logging,
        drain,
        ports -> {
          ports.forEach(Training::visit);
          giveBack();
          drain.request("training is over");
        });
  }

  private static void giveBack() {
    try {
      IdleMemory.giveBack();
    } catch (IOException untold) {
      throw new UncheckedIOException(untold);
    }
  }

  private static void visit(InetSocketAddress port) {
    String[] paths = {"/healthz/ready", "/metrics", "/config_dump", "/explain?service=shop/a.shop"};
    for (String path : paths) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.getPort())) {
        String request = "GET " + path + " HTTP/1.1\r\nhost: l\r\nconnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().readAllBytes();
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }

  private static void configuration() {
    ConfigStore store = new ConfigStore("shop", "cluster.local");
    HttpRoute route =
        HttpRoute.newBuilder()
            .addParents(RouteParent.newBuilder().setNamespace("shop").setHostname("a.shop"))
            .setCreationTime(com.google.protobuf.Timestamp.newBuilder().setSeconds(1))
            .addRules(
                HttpRule.newBuilder()
                    .addMatches(
                        HttpMatch.newBuilder().setPath(PathMatch.newBuilder().setPrefix("/a"))))
            .build();
    AuthorizationPolicy policy =
        AuthorizationPolicy.newBuilder()
            .setAction(AuthorizationPolicy.Action.ALLOW)
            .addTargets(
                PolicyTarget.newBuilder().setWholeWaypoint(WholeWaypoint.getDefaultInstance()))
            .addRules(PolicyRule.newBuilder().addTo(PolicyOperation.newBuilder().addMethods("GET")))
            .build();
    store.apply(
        Map.of(
            "HTTPRoute/shop/a",
            Resource.newBuilder().setSource(ref("HTTPRoute")).setHttpRoute(route).build(),
            "AuthorizationPolicy/shop/a",
            Resource.newBuilder()
                .setSource(ref("AuthorizationPolicy"))
                .setAuthorizationPolicy(policy)
                .build()),
        List.of());
    if (!store.refused().isEmpty()) {
      throw new IllegalStateException(store.refused().toString());
    }
  }

  private static ObjectRef ref(String kind) {
    return ObjectRef.newBuilder().setKind(kind).setNamespace("shop").setName("a").build();
  }
}
