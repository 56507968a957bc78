package dev.kiri.waypoint;

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
import java.util.List;
import java.util.Map;

/// What a training run exercises: compiling configuration, without a network.
final class Training {
  private Training() {}

  static void run() {
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
