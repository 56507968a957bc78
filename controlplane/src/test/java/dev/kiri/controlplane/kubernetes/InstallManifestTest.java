package dev.kiri.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InstallManifestTest {
  static final Path MANIFEST = Path.of("install/controlplane.yaml");

  /// How an API server calls the objects of a kind.
  static String plural(Kind kind) {
    String name = kind.folder();
    if (name.endsWith("cy") || name.endsWith("ry")) {
      return name.substring(0, name.length() - 1) + "ies";
    }
    return name.endsWith("s") ? name + "es" : name + "s";
  }

  private static List<Map<?, ?>> documents(String kind) throws IOException {
    List<Map<?, ?>> found = new ArrayList<>();
    for (Object tree : Objects.parse(Files.readString(MANIFEST))) {
      if (tree instanceof Map<?, ?> map && kind.equals(map.get("kind"))) {
        found.add(map);
      }
    }
    return found;
  }

  /// Verbs allowed for all objects of a resource.
  private static List<Object> verbs(String group, String resource) throws IOException {
    List<Object> verbs = new ArrayList<>();
    for (Object each : KubernetesApi.list(documents("ClusterRole").getFirst(), "rules")) {
      Map<?, ?> rule = (Map<?, ?>) each;
      if (KubernetesApi.list(rule, "apiGroups").contains(group)
          && KubernetesApi.list(rule, "resources").contains(resource)) {
        verbs.addAll(KubernetesApi.list(rule, "verbs"));
      }
    }
    return verbs;
  }

  @ParameterizedTest
  @EnumSource
  void every_kind_that_is_read_may_be_read(Kind kind) throws IOException {
    assertThat(verbs(kind.group(), plural(kind))).contains("list", "watch");
  }

  @Test
  void no_rule_has_a_wildcard_and_no_secret_of_others_may_be_read() throws IOException {
    assertThat(Files.readString(MANIFEST)).doesNotContain("'*'").doesNotContain("\"*\"");
    assertThat(verbs("", "secrets")).isEmpty();
  }

  @Test
  void the_pod_keeps_to_the_restricted_pod_security_standard() throws IOException {
    Map<?, ?> spec = (Map<?, ?>) documents("Deployment").getFirst().get("spec");
    Map<?, ?> pod = (Map<?, ?>) ((Map<?, ?>) spec.get("template")).get("spec");
    Map<?, ?> container = (Map<?, ?>) KubernetesApi.list(pod, "containers").getFirst();

    assertThat(pod.get("securityContext").toString())
        .contains("runAsNonRoot=true", "seccompProfile={type=RuntimeDefault}");
    assertThat(container.get("securityContext").toString())
        .contains(
            "allowPrivilegeEscalation=false",
            "readOnlyRootFilesystem=true",
            "capabilities={drop=[ALL]}");
  }
}
