package dev.kiri.bench.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvoyPodTest {
  @Test
  void the_manifests_place_the_pod_and_name_its_command() {
    assertThat(EnvoyPod.manifests("node-2", List.of("java", "Main", "/opt/a b/envoy")))
        .contains("nodeName: node-2\n")
        .contains("command: [\"java\",\"Main\",\"/opt/a b/envoy\"]\n")
        .doesNotContain("${");
  }

  @Test
  void the_configuration_names_the_server_its_identity_and_the_files() {
    var text = new EnvoyBootstrap(Path.of("/run/e"), "10.244.2.7", "spiffe://t/ns/n/sa/s").yaml();

    assertThat(text)
        .contains("tunneling_config: {hostname: \"10.244.2.7:8080\"}")
        .contains("socket_address: {address: \"10.244.2.7\", port_value: 15008}")
        .contains("matcher: {exact: \"spiffe://t/ns/n/sa/s\"}")
        .contains("filename: \"/run/e/key.pem\"");
    assertThat(text.lines().filter(line -> !line.startsWith("#")))
        .noneMatch(line -> line.contains("${"));
  }
}
