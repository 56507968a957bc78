package dev.kiri.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.controlplane.ControlPlane;
import dev.kiri.controlplane.ControlPlanes;
import dev.kiri.controlplane.ca.RootStore;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.caller.TokenVerdict;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KubernetesPlatformTest {
  private static final LeaseLeadership.Times QUICK =
      new LeaseLeadership.Times(
          Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(100));

  private static final String WAYPOINT =
      """
      {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
      ---
      {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace: shop, generation: 1}, spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}}
      ---
      {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, labels: {istio.io/use-waypoint: w}}, spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}}
      """;

  private FakeApiServer server;

  @BeforeEach
  void begin() throws Exception {
    server = new FakeApiServer();
    put(WAYPOINT);
  }

  @AfterEach
  void end() {
    server.close();
  }

  @SuppressWarnings("unchecked")
  private void put(String text) {
    Objects.parse(text).forEach(tree -> server.put((Map<String, Object>) tree));
  }

  private ControlPlane start(String name) throws Exception {
    return ControlPlanes.start(
        new KubernetesPlatform(server.connect(), "istio-system", name, Set.of("istio-ca"), QUICK));
  }

  /// The reason of a Service's first condition.
  private String reason(String service) {
    return server.stored(new ObjectKey(Kind.SERVICE, "shop", service)).get("status")
                instanceof Map<?, ?> status
            && KubernetesApi.list(status, "conditions").stream().findFirst().orElse(null)
                instanceof Map<?, ?> condition
        ? String.valueOf(condition.get("reason"))
        : "";
  }

  @Test
  void the_leader_makes_waypoints_roots_and_statuses_once_and_a_second_one_takes_over()
      throws Exception {
    ControlPlane one = start("one");
    ObjectKey deployment = new ObjectKey(Kind.DEPLOYMENT, "shop", "w");
    await().untilAsserted(() -> assertThat(server.stored(deployment)).isNotEmpty());
    await().untilAsserted(() -> assertThat(reason("web")).isEqualTo("WaypointIsNotReady"));
    ObjectKey root = new ObjectKey(Kind.CONFIG_MAP, "shop", "istio-ca-root-cert");
    await()
        .untilAsserted(
            () ->
                assertThat(server.stored(root).get("data"))
                    .isEqualTo(Map.of("root-cert.pem", one.rootPem())));
    int written = server.applied(Kind.SERVICE, "web").size();

    ControlPlane two = start("two");
    assertThat(two.rootPem()).isEqualTo(one.rootPem());
    for (int i = 0; i < 20; i++) {
      put("{apiVersion: v1, kind: Service, metadata: {name: s%d, namespace: shop}}".formatted(i));
    }
    put(bound("last"));
    await().untilAsserted(() -> assertThat(reason("last")).isEqualTo("WaypointIsNotReady"));
    assertThat(server.applied(Kind.SERVICE, "web")).hasSize(written);
    assertThat(server.applied(Kind.SERVICE, "last")).hasSize(1);

    one.close();
    put(bound("next"));
    await().untilAsserted(() -> assertThat(reason("next")).isEqualTo("WaypointIsNotReady"));
    two.close();
  }

  private static String bound(String name) {
    return "{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: shop, labels: {istio.io/use-waypoint: w}}}"
        .formatted(name);
  }

  @Test
  void a_lost_root_certificate_is_put_back() throws Exception {
    ObjectKey root = new ObjectKey(Kind.CONFIG_MAP, "shop", "istio-ca-root-cert");
    try (ControlPlane plane = start("one")) {
      await().untilAsserted(() -> assertThat(server.stored(root)).isNotEmpty());
      put(
          "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: shop},"
              + " data: {root-cert.pem: forged}}");
      await()
          .untilAsserted(
              () ->
                  assertThat(server.stored(root).get("data"))
                      .isEqualTo(Map.of("root-cert.pem", plane.rootPem())));
      server.remove(server.stored(root));
      await().untilAsserted(() -> assertThat(server.stored(root)).isNotEmpty());
    }
  }

  @Test
  void the_root_is_made_once_and_renewed_against_the_version_that_was_read() throws Exception {
    try (KubernetesApi api = server.connect()) {
      SecretRoot one = new SecretRoot(api, "istio-system");
      SecretRoot two = new SecretRoot(api, "istio-system");
      assertThat(one.read()).isNull();
      RootStore.Kept first = one.create(new RootStore.Kept("key", "certificate"));
      assertThat(two.create(new RootStore.Kept("other", "other"))).isEqualTo(first);
      RootStore.Kept renewed = one.replace(first, new RootStore.Kept("key", "renewed"));
      assertThat(two.replace(first, new RootStore.Kept("key", "late"))).isEqualTo(renewed);
    }
  }

  @Test
  void a_secret_without_a_key_is_an_error_and_is_not_replaced() throws Exception {
    put(
        "{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: istio-system},"
            + " data: {ca-cert.pem: eA==}}");
    try (KubernetesApi api = server.connect()) {
      SecretRoot root = new SecretRoot(api, "istio-system");
      assertThatThrownBy(root::read)
          .isInstanceOf(IOException.class)
          .hasMessage("Secret istio-system/istio-ca-secret lacks ca-key.pem or ca-cert.pem");
    }
  }

  private TokenVerdict verdict(Map<String, Object> status) {
    server.reviews.put("token", status);
    try (KubernetesApi api = server.connect()) {
      return new ReviewedTokens(api, Set.of("istio-ca")).verify("token");
    }
  }

  private static Map<String, Object> reviewed(String user, String audience, String group) {
    return Map.of(
        "authenticated",
        true,
        "audiences",
        List.of(audience),
        "user",
        Map.of(
            "username",
            user,
            "groups",
            List.of(group),
            "extra",
            Map.of(
                "authentication.kubernetes.io/pod-name", List.of("p"),
                "authentication.kubernetes.io/pod-uid", List.of("u"))));
  }

  @Test
  void a_reviewed_token_proves_a_service_account_and_its_pod() {
    String user = "system:serviceaccount:ns:app";
    assertThat(verdict(reviewed(user, "istio-ca", "system:serviceaccounts")))
        .isEqualTo(new TokenVerdict.Proven(new Caller("ns", "app", "p", "u", Caller.Proof.TOKEN)));
    assertThat(verdict(reviewed(user, "elsewhere", "system:serviceaccounts")))
        .isEqualTo(new TokenVerdict.Worthless("the token is not for any of [istio-ca]"));
    assertThat(verdict(reviewed(user, "istio-ca", "system:authenticated")))
        .isEqualTo(new TokenVerdict.Worthless("not a service account: " + user));
    assertThat(verdict(reviewed("admin", "istio-ca", "system:serviceaccounts")))
        .isEqualTo(new TokenVerdict.Worthless("not a service account: admin"));
    assertThat(verdict(Map.of("authenticated", true))).isInstanceOf(TokenVerdict.Worthless.class);
    assertThat(verdict(Map.of("authenticated", false, "error", "expired")))
        .isEqualTo(new TokenVerdict.Worthless("not authenticated: expired"));
  }

  @Test
  void a_review_that_fails_proves_nothing() {
    server.close();
    try (KubernetesApi api = server.connect()) {
      assertThat(new ReviewedTokens(api, Set.of("istio-ca")).verify("token"))
          .isInstanceOf(TokenVerdict.Worthless.class);
    }
  }
}
