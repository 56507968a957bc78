package dev.kiri.local.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.store.KubeObject;
import dev.kiri.local.store.ObjectStore;
import dev.kiri.local.store.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MadeObjectsTest {
  private static final String MARKS =
      "labels: {gateway.istio.io/managed: istio.io-mesh-controller,"
          + " gateway.networking.k8s.io/gateway-name: w}";

  @TempDir Path folder;

  private static KubeObject object(String yaml) {
    return KubeObject.of(KubeObject.asMap(Yaml.documents("test", yaml).getFirst()));
  }

  private List<String> said(String shown, String... there) throws Exception {
    try (var store =
        new ObjectStore(
            Files.createDirectories(folder.resolve("objects")),
            Files.createDirectories(folder.resolve("overlay")),
            Clock.systemUTC(),
            o -> false)) {
      for (var yaml : there) {
        store.put(object(yaml));
      }
      return new MadeObjects(store)
          .shown(object(shown)).maps("status", "conditions").stream()
              .map(
                  c ->
                      c.get("type")
                          + " "
                          + c.get("status")
                          + " "
                          + c.get("reason")
                          + ": "
                          + c.get("message"))
              .toList();
    }
  }

  private static final String AUTOSCALER =
      "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: w, namespace:"
          + " ns, "
          + MARKS
          + "}, spec: {maxReplicas: 2}}";

  private static final String FINDING =
      "local.kiri.dev/Honoured False NotHonoured: HorizontalPodAutoscaler w: kind: found"
          + " \"HorizontalPodAutoscaler\"; accepted: a kind this mesh acts on; this one is left"
          + " out";

  @Test
  void an_object_that_was_made_for_a_gateway_says_what_of_it_has_no_effect() throws Exception {
    assertThat(said(AUTOSCALER)).containsExactly(FINDING);
  }

  @Test
  void its_gateway_says_so_too() throws Exception {
    assertThat(said("{kind: Gateway, metadata: {name: w, namespace: ns}}", AUTOSCALER))
        .containsExactly(FINDING);
    assertThat(said("{kind: Gateway, metadata: {name: other, namespace: ns}}", AUTOSCALER))
        .isEmpty();
  }

  @Test
  void a_field_that_nobody_knows_is_named() throws Exception {
    assertThat(
            said(
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: w, namespace: ns, "
                    + MARKS
                    + "}, spec: {replica: 2, selector: {}, template: {spec: {containers: [{name:"
                    + " c}]}}}}"))
        .singleElement()
        .asString()
        .contains("Deployment w: spec.replica: found an unknown field; accepted: perhaps replicas");
  }

  @Test
  void what_users_have_written_is_not_spoken_of() throws Exception {
    assertThat(
            said(
                "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: w,"
                    + " namespace: ns}, spec: {maxReplicas: 2}}"))
        .isEmpty();
  }
}
