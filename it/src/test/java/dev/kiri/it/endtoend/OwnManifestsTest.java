package dev.kiri.it.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.local.api.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands of the local mesh on manifests of a user's own: two namespaces, a waypoint, several
/// kinds of workloads, both families of addresses.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OwnManifestsTest {
  private static final String NAMESPACES =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: bank, labels: {istio.io/dataplane-mode: ambient}}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: ledger, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp}}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: teller, namespace: bank}
      """;
  private static final String BANK =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: shell, namespace: bank}
      spec: {serviceAccountName: teller, containers: [{name: main, image: kiri.dev/shell}]}
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: vault, namespace: bank}
      spec:
        serviceName: vault
        replicas: 1
        selector: {matchLabels: {app: vault}}
        template:
          metadata: {labels: {app: vault}}
          spec: {containers: [{name: main, image: kiri.dev/echo, ports: [{name: http, containerPort: 8080}]}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: vault, namespace: bank}
      spec: {clusterIP: None, selector: {app: vault}, ports: [{name: http, port: 8080}]}
      """;
  private static final String LEDGER =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: wp, namespace: ledger, labels: {istio.io/waypoint-for: service}}
      spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: books, namespace: ledger}
      spec:
        replicas: 1
        selector: {matchLabels: {app: books}}
        template:
          metadata: {labels: {app: books}}
          spec:
            containers:
            - name: main
              image: kiri.dev/echo
              ports: [{name: http, containerPort: 8080}]
              readinessProbe: {httpGet: {path: /status/200, port: http}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: books, namespace: ledger}
      spec:
        ipFamilyPolicy: RequireDualStack
        selector: {app: books}
        ports: [{name: http, port: 80, targetPort: 8080}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: readers, namespace: ledger}
      spec:
        targetRefs: [{kind: Service, group: "", name: books}]
        action: ALLOW
        rules:
        - from: [{source: {principals: [cluster.local/ns/bank/sa/teller]}}]
          to: [{operation: {methods: [GET]}}]
      """;

  private Path folder;
  private Path manifests;
  private Kiri kiri;
  private Leftovers leftovers;

  @BeforeAll
  void starts_a_mesh(@TempDir Path temporary) throws Exception {
    Kiri.assumeThatMeshesCanRun();
    folder = temporary;
    manifests = Files.createDirectory(folder.resolve("manifests"));
    Files.writeString(manifests.resolve("0.yaml"), NAMESPACES);
    Files.writeString(manifests.resolve("bank.yaml"), BANK);
    Files.writeString(manifests.resolve("ledger.yaml"), LEDGER);
    kiri = new Kiri(Map.of("KIRI_RUN_DIR", folder.resolve("meshes").toString()));
    leftovers = new Leftovers(folder.resolve("meshes"));

    var up = kiri.run("up", "-f", manifests.toString(), "--detach", "-o", "json");

    assertThat(up.code()).isZero();
    assertThat(Json.object(up.text())).containsEntry("mesh", "kiri").containsEntry("ready", true);
  }

  @AfterAll
  void leaves_nothing() throws Exception {
    if (kiri != null) {
      assertThat(kiri.run("down").text()).isEqualTo("mesh kiri is gone\n");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(leftovers.all()).isEmpty());
    }
  }

  private Kiri.Output curl(String... arguments) throws Exception {
    var line = new java.util.ArrayList<>(List.of("exec", "bank/shell", "--", "curl", "-s"));
    line.addAll(List.of("-m", "5"));
    line.addAll(List.of(arguments));
    return kiri.run(line.toArray(String[]::new));
  }

  @Test
  void a_command_inside_a_pod_passes_its_output_and_its_exit_code_on() throws Exception {
    assertThat(kiri.run("exec", "bank/shell", "--", "sh", "-c", "echo out; exit 7"))
        .isEqualTo(new Kiri.Output(7, "out\n"));
  }

  @ParameterizedTest
  @CsvSource({"-4", "-6"})
  void both_families_go_through_the_waypoint_and_its_policy(String family) throws Exception {
    var read = curl(family, "http://books.ledger/headers").text();
    assertThat(Json.object(read)).containsEntry("namespace", "ledger");

    assertThat(
            curl(
                family,
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "-X",
                "POST",
                "http://books.ledger/"))
        .isEqualTo(new Kiri.Output(0, "403"));
  }

  @Test
  void a_pod_of_a_headless_service_answers_under_its_own_name() throws Exception {
    assertThat(Json.object(curl("http://vault-0.vault:8080/").text()))
        .containsEntry("pod", "vault-0");
  }

  @Test
  void get_shows_one_object_where_one_is_named_and_else_a_list_with_its_items() throws Exception {
    var one = kiri.run("get", "gateway", "ledger/wp", "-o", "json").text();
    var all = kiri.run("get", "gateway", "-A", "-o", "json").text();

    assertThat(Json.object(one)).containsEntry("kind", "Gateway").containsKey("status");
    assertThat(Json.object(all)).containsEntry("kind", "List").containsKey("items");
    assertThat(kiri.run("get", "statefulset", "-n", "bank").text()).contains("vault   1/1");
  }

  @Test
  void logs_show_who_spoke_to_whom() throws Exception {
    curl("http://vault-0.vault:8080/");

    assertThat(
            kiri.run("logs", "ztunnel/node-1").text() + kiri.run("logs", "ztunnel/node-2").text())
        .contains("src.identity=\"spiffe://cluster.local/ns/bank/sa/teller\"");
    assertThat(kiri.run("logs", "controlplane", "--tail", "1").text().lines()).hasSize(1);
  }

  @Test
  void a_route_that_is_applied_holds_until_it_is_deleted_and_says_what_it_misses()
      throws Exception {
    var route =
        Files.writeString(
            folder.resolve("route.yaml"),
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: books, namespace: ledger}
            spec:
              parentRefs: [{kind: Service, group: "", name: books}]
              rules:
              - matches: [{path: {value: /gone}}]
                backendRefs: [{name: nowhere, port: 80}]
              - backendRefs: [{name: books, port: 80}]
            """);
    var status = new String[] {"-o", "/dev/null", "-w", "%{http_code}", "http://books.ledger/gone"};

    assertThat(kiri.run("apply", "-f", route.toString()).text())
        .isEqualTo("HTTPRoute ledger/books applied\n");
    assertThat(kiri.run("wait").code()).isZero();
    assertThat(curl(status).text()).isEqualTo("500");
    assertThat(kiri.run("get", "httproute", "ledger/books", "-o", "yaml").text())
        .contains("BackendNotFound");

    assertThat(kiri.run("delete", "-f", route.toString()).code()).isZero();
    assertThat(kiri.run("wait").code()).isZero();
    assertThat(curl(status).text()).isEqualTo("200");
  }

  @Test
  void an_edited_file_takes_effect_and_one_with_an_error_is_a_condition_of_its_object()
      throws Exception {
    var file = manifests.resolve("ledger.yaml");

    Files.writeString(file, LEDGER.replace("replicas: 1", "replicas: 2"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> kiri.run("get", "deployment", "ledger/books").text().contains("2/2"));

    Files.writeString(file, LEDGER.replace("cluster.local/ns/bank/sa/teller", "teller"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> policy().contains("local.kiri.dev/ManifestAccepted"));
    assertThat(policy()).contains("ledger.yaml, document 4").contains("principals[0]: found");
    assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", "http://books.ledger/").text())
        .as("the last good state")
        .isEqualTo("200");

    Files.writeString(file, LEDGER);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !policy().contains("local.kiri.dev/ManifestAccepted"));
  }

  private String policy() throws Exception {
    return kiri.run("get", "authorizationpolicy", "ledger/readers", "-o", "json").text();
  }
}
