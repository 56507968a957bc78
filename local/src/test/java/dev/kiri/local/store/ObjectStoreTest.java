package dev.kiri.local.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The folder that stands for an API server.
class ObjectStoreTest {
  @TempDir Path folder;
  private ObjectStore store;

  @BeforeEach
  void open() throws Exception {
    var objects = Files.createDirectories(folder.resolve("objects"));
    var overlay = Files.createDirectories(folder.resolve("overlay"));
    store = new ObjectStore(objects, overlay, Clock.systemUTC(), o -> o.name().equals("hidden"));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static KubeObject service(String name) {
    return KubeObject.of(
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "Service",
            "metadata",
            Map.of("name", name, "namespace", "shop")));
  }

  private Path file(String tree, String name) {
    return folder.resolve(tree).resolve("service/shop/" + name + ".yaml");
  }

  @Test
  void fills_in_what_an_api_server_would() {
    var stored = store.put(service("web"));

    assertThat(stored.uid()).isNotEmpty();
    assertThat(stored.number(0, "metadata", "generation")).isEqualTo(1);
    assertThat(stored.text("metadata", "creationTimestamp")).isNotEmpty();
    assertThat(file("objects", "web")).content().contains("uid: ").contains("name: web");
  }

  @Test
  void counts_generations_when_the_spec_changes_and_keeps_the_uid() {
    var first = store.put(service("web"));

    var second = store.put(service("web").with("v", "spec", "k"));

    assertThat(second.uid()).isEqualTo(first.uid());
    assertThat(second.number(0, "metadata", "generation")).isEqualTo(2);
  }

  @Test
  void takes_up_the_status_that_another_process_wrote() throws Exception {
    store.put(service("web"));

    Files.createDirectories(file("overlay", "web").getParent());
    Files.writeString(file("overlay", "web"), "status: {conditions: [{type: Bound}]}\n");

    await()
        .until(
            () ->
                !store
                    .get("Service", "shop", "web")
                    .orElseThrow()
                    .maps("status", "conditions")
                    .isEmpty());
  }

  @Test
  void takes_up_objects_that_another_process_made_and_removed() throws Exception {
    Files.createDirectories(file("objects", "made").getParent());
    Files.writeString(
        file("objects", "made"),
        "{apiVersion: v1, kind: Service, metadata: {name: made, namespace: shop}}\n");
    await().until(() -> store.get("Service", "shop", "made").isPresent());

    Files.delete(file("objects", "made"));

    await().until(() -> store.get("Service", "shop", "made").isEmpty());
  }

  @Test
  void hides_what_is_no_business_of_others() {
    store.put(service("hidden"));

    assertThat(store.get("Service", "shop", "hidden")).isPresent();
    assertThat(file("objects", "hidden")).doesNotExist();
  }

  @Test
  void removes_the_files_of_a_deleted_object() {
    store.put(service("web"));

    assertThat(store.delete(ObjectKey.of("Service", "shop", "web"))).isTrue();
    assertThat(store.delete(ObjectKey.of("Service", "shop", "web"))).isFalse();
    assertThat(file("objects", "web")).doesNotExist();
  }

  @Test
  void survives_a_file_that_is_no_yaml() throws Exception {
    Files.createDirectories(file("objects", "bad").getParent());
    Files.writeString(file("objects", "bad"), "{");
    Files.writeString(
        file("objects", "good"),
        "{apiVersion: v1, kind: Service, metadata: {name: good, namespace: shop}}\n");

    await().until(() -> store.get("Service", "shop", "good").isPresent());
    assertThat(store.get("Service", "shop", "bad")).isEmpty();
  }
}
