package dev.kiri.redirect.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderPodSourceTest {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
        namespace: shop
        uid: u1
        labels: { app: web }
        annotations: { ambient.istio.io/dns-capture: "false" }
      spec: { nodeName: node-1, serviceAccountName: web-account }
      status: { phase: Running, podIPs: [ { ip: 192.0.2.1 }, { ip: "2001:db8::1" } ] }
      """;

  @TempDir private Path folder;
  private Path objects;
  private Path overlay;
  private FolderPodSource source;
  private final AtomicInteger changes = new AtomicInteger();

  @BeforeEach
  void build() throws IOException {
    objects = Files.createDirectories(folder.resolve("objects"));
    overlay = folder.resolve("overlay");
    source = new FolderPodSource("node-1", objects, overlay);
  }

  @AfterEach
  void close() {
    source.close();
  }

  private void start() throws IOException {
    source.start((_, _) -> changes.incrementAndGet());
  }

  private void write(Path root, String name, String text) throws IOException {
    var file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void a_pod_of_this_node_is_read_in_full() throws Exception {
    write(objects, "pod/shop/web.yaml", POD);
    start();

    var pod = source.view().pods().get("u1");
    assertThat(pod.serviceAccount()).isEqualTo("web-account");
    assertThat(pod.labels()).containsEntry("app", "web");
    assertThat(pod.phase()).isEqualTo("Running");
    assertThat(pod.ips())
        .containsExactly(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("2001:db8::1"));
  }

  @Test
  void pods_of_other_nodes_and_pods_without_uid_are_left_out() throws Exception {
    write(objects, "a.yaml", POD.replace("node-1", "node-2"));
    write(objects, "b.yaml", POD.replace("uid: u1", "").replace("name: web", "name: nameless"));
    start();

    assertThat(source.view().pods()).isEmpty();
  }

  @Test
  void several_documents_in_a_file_lists_and_folders_at_any_depth_are_read() throws Exception {
    write(
        objects,
        "deep/down/all.yml",
        """
        apiVersion: v1
        kind: Namespace
        metadata: { name: shop, labels: { istio.io/dataplane-mode: ambient } }
        ---
        # nothing here
        ---
        apiVersion: v1
        kind: List
        items:
        - kind: Namespace
          metadata: { name: other }
        ---
        """
            + POD);
    start();

    assertThat(source.view().namespaceLabels()).containsOnlyKeys("shop", "other");
    assertThat(source.view().labelsOf("other"))
        .containsEntry("kubernetes.io/metadata.name", "other");
    assertThat(source.view().pods()).containsOnlyKeys("u1");
  }

  @Test
  void what_the_overlay_says_lies_over_the_object() throws Exception {
    write(objects, "pod/shop/web.yaml", POD);
    start();

    source.annotate(source.view().pods().get("u1"), Redirection.ENABLED);

    await().until(() -> source.view().pods().get("u1").redirection() == Redirection.ENABLED);
    assertThat(source.view().pods().get("u1").annotations())
        .containsEntry("ambient.istio.io/dns-capture", "false");
    assertThat(overlay.resolve("pod/shop/web.yaml")).exists();

    source.annotate(source.view().pods().get("u1"), Redirection.NONE);
    await().until(() -> source.view().pods().get("u1").redirection() == Redirection.NONE);
  }

  @Test
  void what_a_pod_waits_for_is_written_until_it_is_captured_and_is_no_change_of_the_pod()
      throws Exception {
    write(objects, "pod/shop/web.yaml", POD);
    start();
    var pod = source.view().pods().get("u1");

    source.explain(pod, "no ztunnel connection");
    assertThat(overlay.resolve("pod/shop/web.yaml")).content().contains("no ztunnel connection");
    source.annotate(pod, Redirection.PENDING);
    assertThat(overlay.resolve("pod/shop/web.yaml"))
        .content()
        .contains("no ztunnel connection")
        .contains("pending");
    await().until(() -> source.view().pods().get("u1").redirection() == Redirection.PENDING);
    assertThat(source.view().pods().get("u1").annotations().values())
        .doesNotContain("no ztunnel connection");

    source.annotate(pod, Redirection.ENABLED);
    assertThat(overlay.resolve("pod/shop/web.yaml"))
        .content()
        .doesNotContain("no ztunnel connection")
        .contains("enabled");
  }

  @Test
  void an_overlay_written_for_a_pod_of_the_same_name_before_does_not_count() throws Exception {
    write(objects, "pod/shop/web.yaml", POD);
    start();
    source.annotate(source.view().pods().get("u1"), Redirection.ENABLED);

    write(objects, "pod/shop/web.yaml", POD.replace("uid: u1", "uid: u2"));

    await().until(() -> source.view().pods().containsKey("u2"));
    assertThat(source.view().pods().get("u2").redirection()).isEqualTo(Redirection.NONE);
  }

  @Test
  void overlays_of_pods_that_are_no_more_are_removed_at_the_start() throws Exception {
    write(overlay, "pod/shop/old.yaml", "kind: Pod\nmetadata: {name: old, namespace: shop}\n");
    start();

    assertThat(overlay.resolve("pod/shop/old.yaml")).doesNotExist();
  }

  @Test
  void changes_are_noticed_in_folders_that_did_not_exist_before() throws Exception {
    start();

    write(objects, "pod/shop/web.yaml", POD);
    await().until(() -> source.view().pods().containsKey("u1"));

    Files.delete(objects.resolve("pod/shop/web.yaml"));
    await().until(() -> source.view().pods().isEmpty());
    assertThat(changes.get()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void a_file_that_breaks_keeps_what_it_said_and_files_on_their_way_are_not_read()
      throws Exception {
    write(objects, "pod/shop/web.yaml", POD);
    start();

    write(objects, "pod/shop/web.yaml", "kind: [");
    write(objects, "pod/shop/.web.yaml", POD.replace("u1", "hidden"));
    write(objects, "namespace/_/shop.yaml", "kind: Namespace\nmetadata: {name: shop}\n");

    await().until(() -> source.view().namespaceLabels().containsKey("shop"));
    assertThat(source.view().pods()).containsOnlyKeys("u1");
  }

  @Test
  void an_address_that_is_none_leaves_the_pod_out() throws Exception {
    write(objects, "a.yaml", POD.replace("192.0.2.1", "nowhere"));
    start();

    assertThat(source.view().pods()).isEmpty();
  }

  @Test
  void a_missing_folder_is_named() {
    var missing = new AtomicInteger();
    assertThatThrownBy(
            () -> {
              try (var other = new FolderPodSource("n", folder.resolve("missing"), overlay)) {
                other.start((_, _) -> missing.incrementAndGet());
              }
            })
        .hasMessageContaining("does not exist")
        .hasMessageContaining("missing");
  }
}
