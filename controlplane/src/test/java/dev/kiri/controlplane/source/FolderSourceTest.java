package dev.kiri.controlplane.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.kinds.ConfigMapObject;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.PodObject;
import dev.kiri.controlplane.kinds.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSourceTest implements SourceListener {
  private static final ObjectKey A = new ObjectKey(Kind.NAMESPACE, "", "a");
  private static final ObjectKey POD = new ObjectKey(Kind.POD, "default", "p");

  @TempDir Path folder;
  private final Map<ObjectKey, ObjectChange> last = new ConcurrentHashMap<>();
  private final List<String> kinds = new CopyOnWriteArrayList<>();
  private volatile List<Problem> problems = List.of();
  private Path objects;
  private Path overlay;
  private FolderSource source;

  @Override
  public void changed(List<ObjectChange> changes) {
    for (ObjectChange change : changes) {
      last.put(change.key(), change);
      kinds.add(change.key() + " " + change.getClass().getSimpleName());
    }
  }

  @Override
  public void problems(List<Problem> now) {
    problems = now;
  }

  @BeforeEach
  void folders() throws IOException {
    objects = Files.createDirectory(folder.resolve("objects"));
    overlay = Files.createDirectory(folder.resolve("overlay"));
    source = new FolderSource(objects, overlay);
  }

  @AfterEach
  void close() {
    source.close();
  }

  private void write(String path, String text) throws IOException {
    Path file = objects.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String namespace(String name, String label) {
    return "{apiVersion: v1, kind: Namespace, metadata: {name: "
        + name
        + ", labels: {v: \""
        + label
        + "\"}}}\n";
  }

  @Test
  void one_object_can_be_looked_at_before_the_start(@TempDir Path somewhere) throws Exception {
    Files.writeString(somewhere.resolve("a.yaml"), "broken: [istio ConfigMap");
    Files.writeString(
        somewhere.resolve("b.yaml"),
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: elsewhere}}\n---\n"
            + "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system},"
            + " data: {mesh: 'trustDomain: td.example'}}");
    try (FolderSource other = new FolderSource(somewhere, null)) {
      ObjectKey key = new ObjectKey(Kind.CONFIG_MAP, "istio-system", "istio");

      assertThat(other.peek(key))
          .isInstanceOfSatisfying(
              ConfigMapObject.class,
              map ->
                  assertThat(MeshSettings.standard().under(map.mesh()).trustDomain())
                      .isEqualTo("td.example"));
      assertThat(other.peek(new ObjectKey(Kind.POD, "istio-system", "istio"))).isNull();
    }
  }

  @Test
  void catching_up_tells_of_everything_written_before() throws IOException {
    write("a.yaml", namespace("a", "1"));
    write("gone.yaml", namespace("b", "1"));
    source.start(this);
    source.close(); // from here on the watch tells of nothing
    last.clear();

    write("a.yaml", namespace("a", "2"));
    write("new/c.yaml", namespace("c", "1"));
    Files.delete(objects.resolve("gone.yaml"));
    source.catchUp();

    assertThat(last.keySet())
        .containsExactlyInAnyOrder(
            A, new ObjectKey(Kind.NAMESPACE, "", "b"), new ObjectKey(Kind.NAMESPACE, "", "c"));
  }

  @Test
  void catching_up_leaves_a_file_that_is_being_rewritten_in_force() throws IOException {
    write("a.yaml", namespace("a", "1"));
    source.start(this);
    source.close();
    last.clear();

    write("a.yaml", "");
    source.catchUp();

    assertThat(last).isEmpty();
  }

  @Test
  void any_tree_of_files_with_several_documents_is_read_at_the_start() throws IOException {
    write("one/two/three/all.yml", namespace("a", "1") + "---\n---\n" + namespace("b", "1"));
    write(
        "json.json",
        "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"n\"}}");
    write("notes.txt", "nothing");
    write(".hidden.yaml", namespace("c", "1"));

    source.start(this);

    assertThat(kinds).containsExactlyInAnyOrder("Namespace a Put", "Namespace b Put", "Node n Put");
  }

  @Test
  void new_folders_changed_files_and_deleted_folders_are_noticed() throws IOException {
    source.start(this);
    write("deep/er/a.yaml", namespace("a", "1"));
    await().until(() -> last.get(A) instanceof ObjectChange.Put);

    write("deep/er/a.yaml", namespace("a", "2"));
    await().until(() -> last.get(A).toString().contains("v=2"));

    Files.delete(objects.resolve("deep/er/a.yaml"));
    Files.delete(objects.resolve("deep/er"));
    await().until(() -> last.get(A) instanceof ObjectChange.Gone);
  }

  @Test
  void a_file_that_is_no_yaml_leaves_the_last_good_state_in_force() throws IOException {
    write("a.yaml", namespace("a", "1"));
    source.start(this);

    write("a.yaml", "{apiVersion: v1, kind: [\n");

    await().until(() -> !problems.isEmpty());
    assertThat(problems.getFirst().message())
        .startsWith(
            "error: " + objects.resolve("a.yaml") + " document 1: document: found line 2 column 1");
    assertThat(last.get(A)).isInstanceOf(ObjectChange.Put.class);

    write("a.yaml", namespace("a", "2"));
    await().until(() -> problems.isEmpty() && last.get(A).toString().contains("v=2"));
  }

  @Test
  void a_second_document_for_an_object_is_reported_and_takes_over_when_the_first_goes()
      throws IOException {
    write("1.yaml", namespace("a", "first"));
    write("2.yaml", namespace("a", "second"));
    source.start(this);

    assertThat(last.get(A).toString()).contains("v=first");
    assertThat(problems)
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("2.yaml document 1", "a second document"));

    Files.delete(objects.resolve("1.yaml"));
    await().until(() -> last.get(A).toString().contains("v=second"));
  }

  @Test
  void annotations_and_status_of_the_overlay_are_laid_over_an_object_and_nothing_else()
      throws IOException {
    write("p.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: n}}");
    source.start(this);
    Path file = overlay.resolve("pod/default/p.yaml");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "{metadata: {annotations: {ambient.istio.io/redirection: enabled}, labels: {x: y}}, spec:"
            + " {nodeName: m}, status: {podIP: 192.0.2.1}}");

    await().until(() -> last.get(POD).toString().contains("redirection=enabled"));

    PodObject pod = (PodObject) ((ObjectChange.Put) last.get(POD)).object();
    assertThat(pod.nodeName()).isEqualTo("n");
    assertThat(pod.meta().labels()).isEmpty();
    assertThat(pod.addresses()).hasSize(1);
  }

  @Test
  void a_policy_that_becomes_unreadable_keeps_its_last_good_form() throws IOException {
    ObjectKey key = new ObjectKey(Kind.AUTHORIZATION_POLICY, "default", "p");
    String head =
        "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\n";
    write("p.yaml", head + "spec: {rules: [{}]}");
    source.start(this);

    write("p.yaml", head + "spec: {action: PERMIT}");

    await().until(() -> last.get(key) instanceof ObjectChange.Refused);
    assertThat(problems.getFirst().text())
        .isEqualTo("spec.action: found \"PERMIT\", accepted: one of ALLOW, AUDIT, CUSTOM, DENY");
  }

  @Test
  void kinds_that_cannot_be_honoured_are_refused_by_name() throws IOException {
    write(
        "f.yaml",
        "{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: f}}");
    source.start(this);

    assertThat(problems.getFirst().message())
        .contains("EnvoyFilter default/f", "which cannot be honoured", "f.yaml document 1");
  }

  @Test
  void a_writers_objects_keep_what_others_wrote_and_nothing_is_written_twice() throws IOException {
    FolderWriter writer = new FolderWriter(objects, overlay, java.time.Clock.systemUTC());
    ObjectKey key = new ObjectKey(Kind.SERVICE, "shop", "w");
    Map<String, Object> wanted =
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "Service",
            "metadata",
            Map.of("name", "w", "namespace", "shop"),
            "spec",
            Map.of("type", "ClusterIP"));
    write(
        "service/shop/w.yaml",
        "{apiVersion: v1, kind: Service, metadata: {name: w, namespace: shop, uid: u, generation:"
            + " 4}, spec: {clusterIP: 10.96.0.9}}");

    writer.apply(key, wanted);
    Path file = objects.resolve("service/shop/w.yaml");
    String text = Files.readString(file);
    assertThat(text).contains("clusterIP: 10.96.0.9", "uid: u", "generation: 5", "type: ClusterIP");
    var time = Files.getLastModifiedTime(file);

    writer.apply(key, wanted);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(time);
  }
}
