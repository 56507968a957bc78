package dev.kiri.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.kiri.controlplane.ca.RootStore;
import dev.kiri.controlplane.caller.Caller;
import dev.kiri.controlplane.caller.TokenVerdict;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.GatewayObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Problem;
import dev.kiri.controlplane.provision.WaypointObjects;
import dev.kiri.controlplane.source.ObjectChange;
import dev.kiri.controlplane.source.SourceListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against a real API server, where there are binaries of one: what a fake cannot vouch for.
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RealApiServerTest {
  @TempDir static Path folder;
  private static RealApiServer server;
  private static KubernetesApi admin;
  private static KubernetesApi plane;

  @BeforeAll
  static void begin() throws Exception {
    String assets = System.getenv(RealApiServer.ASSETS);
    String reason =
        "skipped: " + RealApiServer.ASSETS + " names no folder with etcd and kube-apiserver";
    if (assets == null) {
      System.out.println(reason);
    }
    Assumptions.assumeTrue(assets != null, reason);
    server = new RealApiServer(Path.of(assets), folder);
    admin = server.admin();
    for (Kind kind : Kind.values()) {
      if (kind.group().endsWith(".io") && !kind.group().endsWith("k8s.io")
          || kind.group().startsWith("gateway.")) {
        define(kind);
      }
    }
    for (Object tree : Objects.parse(Files.readString(InstallManifestTest.MANIFEST))) {
      create(tree);
    }
    // what the control plane may do is what its manifests say
    plane =
        server.connect(
            RealApiServer.token(
                admin, "istio-system", "kiri-controlplane", Map.of("audiences", List.of())));
    await().until(() -> plane.served(Kind.TCP_ROUTE).isPresent());
  }

  @AfterAll
  static void end() throws Exception {
    if (server != null) {
      plane.close();
      admin.close();
      server.close();
    }
  }

  private static void define(Kind kind) throws IOException {
    String plural = InstallManifestTest.plural(kind);
    create(
        Objects.parse(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata:
                  name: %1$s.%2$s
                  annotations: {api-approved.kubernetes.io: unapproved}
                spec:
                  group: %2$s
                  scope: %3$s
                  names: {plural: %1$s, kind: %4$s, singular: %5$s, listKind: %4$sList}
                  versions:
                  - name: %6$s
                    served: true
                    storage: true
                    subresources: {status: {}}
                    schema:
                      openAPIV3Schema:
                        type: object
                        properties:
                          spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
                          status:
                            type: object
                            x-kubernetes-preserve-unknown-fields: true
                            properties:
                              conditions:
                                type: array
                                x-kubernetes-list-type: map
                                x-kubernetes-list-map-keys: [type]
                                items:
                                  type: object
                                  required: [type]
                                  properties: {type: {type: string}}
                                  x-kubernetes-preserve-unknown-fields: true
                """
                    .formatted(
                        plural,
                        kind.group(),
                        kind.namespaced() ? "Namespaced" : "Cluster",
                        kind.kindName(),
                        kind.folder(),
                        kind.version()))
            .getFirst());
  }

  /// Creates or brings an object to the given fields, as its author.
  private static void create(Object tree) throws IOException {
    Map<?, ?> map = (Map<?, ?>) tree;
    Map<?, ?> meta = (Map<?, ?>) map.get("metadata");
    String apiVersion = String.valueOf(map.get("apiVersion"));
    String kind = String.valueOf(map.get("kind"));
    String root = (apiVersion.contains("/") ? "/apis/" : "/api/") + apiVersion;
    String plural =
        KubernetesApi.list(admin.find(root), "resources").stream()
            .map(each -> (Map<?, ?>) each)
            .filter(each -> kind.equals(each.get("kind")))
            .map(each -> String.valueOf(each.get("name")))
            .filter(name -> !name.contains("/"))
            .findFirst()
            .orElseThrow(() -> new IOException("no " + kind + " in " + root));
    String namespace = meta.containsKey("namespace") ? "/namespaces/" + meta.get("namespace") : "";
    @SuppressWarnings("unchecked")
    Map<String, Object> body = (Map<String, Object>) map;
    await()
        .ignoreExceptions()
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () ->
                !admin
                    .send(
                        "PATCH",
                        root
                            + namespace
                            + "/"
                            + plural
                            + "/"
                            + meta.get("name")
                            + "?fieldManager=author&force=true",
                        KubernetesApi.APPLY,
                        body)
                    .isEmpty());
  }

  private static void create(String text) throws IOException {
    for (Object tree : Objects.parse(text)) {
      create(tree);
    }
  }

  private static final String ENTRY =
      "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: e, namespace:"
          + " default}, spec: {hosts: [a.example], resolution: DNS, ports: [{number: 80, name:"
          + " http}]}}";

  private static final class Last implements SourceListener {
    private final Map<ObjectKey, ObjectChange> last = new ConcurrentHashMap<>();

    @Override
    public void changed(List<ObjectChange> changes) {
      changes.forEach(change -> last.put(change.key(), change));
    }

    @Override
    public void problems(List<Problem> problems) {}
  }

  @Test
  void objects_are_listed_and_watched_with_the_rights_of_the_manifests() throws Exception {
    create(
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default}, spec: {ports:"
            + " [{port: 80}]}}");
    Last heard = new Last();
    try (KubernetesSource source = new KubernetesSource(plane, new AppliedStatuses())) {
      source.start(heard);
      assertThat(heard.last)
          .containsKey(new ObjectKey(Kind.SERVICE, "default", "web"))
          .containsKey(new ObjectKey(Kind.NAMESPACE, "", "default"));

      create(
          "{apiVersion: v1, kind: Service, metadata: {name: later, namespace: default}, spec:"
              + " {ports: [{port: 80}]}}");
      ObjectKey later = new ObjectKey(Kind.SERVICE, "default", "later");
      await().untilAsserted(() -> assertThat(heard.last).containsKey(later));
      admin.send(
          "DELETE", "/api/v1/namespaces/default/services/later", KubernetesApi.JSON, Map.of());
      await()
          .untilAsserted(
              () -> assertThat(heard.last.get(later)).isInstanceOf(ObjectChange.Gone.class));
    }
  }

  @Test
  void a_status_is_applied_beside_that_of_others_known_again_and_taken_away() throws Exception {
    create(ENTRY);
    ObjectKey key = new ObjectKey(Kind.SERVICE_ENTRY, "default", "e");
    String path = plane.path(Kind.SERVICE_ENTRY, "default", "e");
    admin.send(
        "PATCH",
        path + "/status?fieldManager=other&force=true",
        KubernetesApi.APPLY,
        Map.of(
            "apiVersion",
            "networking.istio.io/v1",
            "kind",
            "ServiceEntry",
            "metadata",
            Map.of("name", "e", "namespace", "default"),
            "status",
            Map.of("conditions", List.of(Map.of("type", "Theirs", "status", "True")))));
    Map<String, Object> ours =
        Map.of(
            "conditions", List.of(Map.of("type", "Ours", "status", "False", "reason", "Because")),
            "addresses", List.of(Map.of("host", "a.example", "value", "240.240.0.1")));
    AppliedStatuses statuses = new AppliedStatuses();
    KubernetesWriter writer = new KubernetesWriter(plane, new AppliedStatuses());
    try (KubernetesSource source = new KubernetesSource(plane, statuses)) {
      source.start(new Last());
      writer.writeStatus(key, ours);
      await().untilAsserted(() -> assertThat(statuses.of(key)).isEqualTo(ours));
      String version = version(path);
      writer.writeStatus(key, ours);
      assertThat(version(path)).isEqualTo(version);
      assertThat(types(path)).containsExactlyInAnyOrder("Theirs", "Ours");

      writer.writeStatus(key, Map.of());
      await().untilAsserted(() -> assertThat(statuses.of(key)).isEmpty());
      assertThat(types(path)).containsExactly("Theirs");
    }
    writer.writeStatus(new ObjectKey(Kind.SERVICE_ENTRY, "default", "nobody"), ours);
  }

  private static String version(String path) throws IOException {
    return String.valueOf(((Map<?, ?>) admin.find(path).get("metadata")).get("resourceVersion"));
  }

  private static List<String> types(String path) throws IOException {
    Map<?, ?> status = (Map<?, ?>) admin.find(path).get("status");
    return KubernetesApi.list(status, "conditions").stream()
        .map(each -> String.valueOf(((Map<?, ?>) each).get("type")))
        .toList();
  }

  @Test
  void objects_of_a_waypoint_are_applied_and_accepted_by_the_server() throws Exception {
    KubernetesWriter writer = new KubernetesWriter(plane, new AppliedStatuses());
    var gateway =
        Objects.object(
            GatewayObject.class,
            "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w,"
                + " namespace: default, uid: 1b671a64-40d5-491e-99b0-da01ff1f3341}, spec:"
                + " {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008,"
                + " protocol: HBONE}]}}");
    var objects = new WaypointObjects(gateway, MeshSettings.standard(), "").all();
    for (var each : objects.entrySet()) {
      writer.apply(each.getKey(), each.getValue());
      String path = plane.path(each.getKey().kind(), "default", each.getKey().name());
      String version = version(path);
      writer.apply(each.getKey(), each.getValue());
      assertThat(version(path)).isEqualTo(version);
      writer.delete(each.getKey());
      writer.delete(each.getKey());
      assertThat(admin.find(path)).isEmpty();
    }
  }

  @Test
  void a_token_for_our_audience_proves_account_and_pod_and_others_prove_nothing() throws Exception {
    create(
        """
        {apiVersion: v1, kind: ServiceAccount, metadata: {name: app, namespace: default}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: default}, spec: {serviceAccountName: app, containers: [{name: c, image: c}]}}
        """);
    Map<?, ?> pod = (Map<?, ?>) admin.find("/api/v1/namespaces/default/pods/p").get("metadata");
    Map<String, Object> bound =
        Map.of(
            "kind", "Pod", "apiVersion", "v1", "name", "p", "uid", String.valueOf(pod.get("uid")));
    ReviewedTokens tokens = new ReviewedTokens(plane, Set.of("istio-ca"));

    String good =
        RealApiServer.token(
            admin,
            "default",
            "app",
            Map.of("audiences", List.of("istio-ca"), "boundObjectRef", bound));
    assertThat(tokens.verify(good))
        .isEqualTo(
            new TokenVerdict.Proven(
                new Caller(
                    "default", "app", "p", String.valueOf(pod.get("uid")), Caller.Proof.TOKEN)));
    String other =
        RealApiServer.token(admin, "default", "app", Map.of("audiences", List.of("elsewhere")));
    assertThat(tokens.verify(other)).isInstanceOf(TokenVerdict.Worthless.class);
    assertThat(tokens.verify("admin-token")).isInstanceOf(TokenVerdict.Worthless.class);
    assertThat(tokens.verify(good + "x")).isInstanceOf(TokenVerdict.Worthless.class);
  }

  @Test
  void two_control_planes_make_one_root_and_renew_it_once() throws Exception {
    SecretRoot one = new SecretRoot(plane, "istio-system");
    SecretRoot two = new SecretRoot(plane, "istio-system");
    assertThat(one.read()).isNull();
    RootStore.Kept first = one.create(new RootStore.Kept("key", "certificate"));
    assertThat(two.create(new RootStore.Kept("other", "other"))).isEqualTo(first);

    RootStore.Kept renewed = new RootStore.Kept("key", "renewed");
    assertThat(one.replace(first, renewed)).isEqualTo(renewed);
    assertThat(two.replace(first, new RootStore.Kept("key", "late"))).isEqualTo(renewed);
    assertThat(one.read()).isEqualTo(renewed);
  }

  @Test
  void the_leader_gives_its_lease_back_and_another_one_begins() {
    var times =
        new LeaseLeadership.Times(
            Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(200));
    AtomicInteger begun = new AtomicInteger();
    try (var two = new LeaseLeadership(plane.client(), "istio-system", "two", times)) {
      try (var one = new LeaseLeadership(plane.client(), "istio-system", "one", times)) {
        one.onLead(begun::incrementAndGet);
        await().until(one::leads);
        two.onLead(begun::incrementAndGet);
        assertThat(two.leads()).isFalse();
      }
      await().until(two::leads);
    }
    assertThat(begun).hasValue(2);
  }

  @Test
  void the_rights_of_the_manifests_end_at_what_the_control_plane_needs() {
    for (String path :
        List.of(
            "/api/v1/namespaces/default/secrets",
            "/api/v1/secrets",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles")) {
      assertThatThrownBy(() -> plane.find(path))
          .isInstanceOfSatisfying(
              KubernetesApi.Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(403));
    }
    assertThatThrownBy(
            () -> plane.send("DELETE", "/api/v1/namespaces/default", KubernetesApi.JSON, Map.of()))
        .isInstanceOf(KubernetesApi.Refusal.class);
  }
}
