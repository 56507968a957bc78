package dev.kiri.local.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.local.manifest.ManifestReader;
import dev.kiri.local.manifest.Manifests;
import dev.kiri.local.manifest.Schemas;
import dev.kiri.local.store.KubeObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestConditionsTest {
  private static final String GOOD =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec: {ports: [{port: 80}]}
      """;

  private static ManifestConditions after(String text) {
    var reader = new ManifestReader();
    reader.readText("shop.yaml", text);
    var checked = new Manifests(Schemas.load()).check(reader.manifests(), List.of());
    return ManifestConditions.of(reader.manifests(), checked.problems());
  }

  private static KubeObject service(String name) {
    return KubeObject.of(
        Map.of(
            "kind",
            "Service",
            "metadata",
            Map.of("name", name, "namespace", "shop"),
            "status",
            Map.of("conditions", List.of(Map.of("type", "Other", "status", "True")))));
  }

  @Test
  void an_object_whose_new_text_has_an_error_says_so_beside_what_it_said_before() {
    var shown = after(GOOD.replace("port: 80", "port: x")).shown(service("web"));

    assertThat(shown.maps("status", "conditions"))
        .containsExactly(
            Map.of("type", "Other", "status", "True"),
            Map.of(
                "type",
                "local.kiri.dev/ManifestAccepted",
                "status",
                "False",
                "reason",
                "Invalid",
                "message",
                "shop.yaml, document 1 (Service web): spec.ports[0].port: found \"x\"; accepted: a"
                    + " port number, 1 to 65535; the last good state stays"));
  }

  @Test
  void other_objects_and_sound_ones_say_nothing() {
    assertThat(after(GOOD.replace("port: 80", "port: x")).shown(service("other")))
        .isEqualTo(service("other"));
    assertThat(after(GOOD).shown(service("web"))).isEqualTo(service("web"));
  }

  @Test
  void a_warning_is_no_condition() {
    var warned = after(GOOD.replace("ports:", "portz: [], ports:"));

    assertThat(warned).isEqualTo(ManifestConditions.NONE);
  }
}
