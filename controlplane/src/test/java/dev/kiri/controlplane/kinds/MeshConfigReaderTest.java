package dev.kiri.controlplane.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.kinds.MeshConfig.PathNormalization;
import dev.kiri.controlplane.kinds.MeshConfig.Visibility;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the mesh's configuration says, and what is wrong with one.
class MeshConfigReaderTest {
  private static Decoded decode(String mesh) {
    return Decoder.decode(
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "ConfigMap",
            "metadata",
            Map.of("name", "istio", "namespace", "istio-system"),
            "data",
            Map.of("mesh", mesh)),
        new Origin("mesh.yaml", 1));
  }

  private static MeshConfig read(String mesh) {
    Decoded decoded = decode(mesh);
    assertThat(decoded.problems()).isEmpty();
    return ((ConfigMapObject) ((Decoded.Accepted) decoded).object()).mesh();
  }

  @Test
  void every_field_that_counts_is_read() {
    MeshConfig mesh =
        read(
            """
            trustDomain: td.example
            trustDomainAliases: [old.example]
            rootNamespace: istio-system
            discoverySelectors:
            - matchLabels: {mesh: on}
            - matchExpressions: [{key: team, operator: In, values: [a]}]
            serviceEntryVisibility:
              defaultVisibility: NAMESPACE
              policies:
              - visibility: NONE
                matchingRules:
                - namespaceSelector: {matchLabels: {a: b}}
                - namespaceSelector: {matchLabels: {c: d}}
              - visibility: PUBLIC
                matchingRules: [{namespaceSelector: {matchLabels: {a: b}}}]
            pathNormalization: {normalization: MERGE_SLASHES}
            accessLogFile: ""
            accessLogEncoding: JSON
            protocolDetectionTimeout: 2s
            """);

    assertThat(mesh.trustDomain()).isEqualTo("td.example");
    assertThat(mesh.trustDomainAliases()).containsExactly("old.example");
    assertThat(mesh.rootNamespace()).isEqualTo("istio-system");
    assertThat(mesh.discovers(Map.of("mesh", "on"))).isTrue();
    assertThat(mesh.discovers(Map.of("team", "a"))).isTrue();
    assertThat(mesh.discovers(Map.of())).isFalse();
    var visibility = mesh.entryVisibility();
    assertThat(visibility).isNotNull();
    assertThat(visibility.of(Map.of("a", "b", "c", "d"))).isEqualTo(Visibility.NONE);
    assertThat(visibility.of(Map.of("a", "b"))).isEqualTo(Visibility.PUBLIC);
    assertThat(visibility.of(Map.of("c", "d"))).isEqualTo(Visibility.NAMESPACE);
    assertThat(mesh.pathNormalization()).isEqualTo(PathNormalization.MERGE_SLASHES);
    assertThat(mesh.accessLog()).isFalse();
    assertThat(mesh.accessLogJson()).isTrue();
    assertThat(mesh.protocolDetection()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void the_first_scope_that_matches_counts_and_without_any_the_label() {
    assertThat(read("").isGlobal(Map.of(), Map.of("istio.io/global", "true"))).isTrue();
    assertThat(read("").isGlobal(Map.of(), Map.of("istio.io/global", "false"))).isFalse();

    MeshConfig mesh =
        read(
            """
            serviceScopeConfigs:
            - servicesSelector: {matchLabels: {keep: home}}
              scope: LOCAL
            - namespaceSelector: {matchLabels: {team: a}}
              servicesSelector: {matchExpressions: [{key: istio.io/global, operator: Exists}]}
              scope: GLOBAL
            """);
    Map<String, String> team = Map.of("team", "a");
    assertThat(mesh.isGlobal(team, Map.of("istio.io/global", "x"))).isTrue();
    assertThat(mesh.isGlobal(team, Map.of("istio.io/global", "x", "keep", "home"))).isFalse();
    assertThat(mesh.isGlobal(team, Map.of())).isFalse();
    assertThat(mesh.isGlobal(Map.of(), Map.of("istio.io/global", "true"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: [ | data.mesh: found no YAML: line 1 column 5: expected the node content, but found"
            + " '<stream end>', accepted: a mapping as YAML",
        "text | data.mesh: found \"text\", accepted: a mapping as YAML",
        "trustDomain: 7 | data.mesh.trustDomain: found 7, accepted: a string (put it in quotes)",
        "trustDomain: a/b | data.mesh.trustDomain: found \"a/b\", accepted: a DNS name",
        "trustDomainAliases: ['a b'] | data.mesh.trustDomainAliases[0]: found \"a b\", accepted: a"
            + " DNS name",
        "discoverySelectors: {} | data.mesh.discoverySelectors: found a mapping, accepted: a list",
        "discoverySelectors: [{matchExpressions: [{key: a, operator: Is}]}] |"
            + " data.mesh.discoverySelectors[0].matchExpressions[0].operator: found \"Is\","
            + " accepted: one of DoesNotExist, Exists, In, NotIn",
        "serviceEntryVisibility: {defaultVisibility: SECRET} |"
            + " data.mesh.serviceEntryVisibility.defaultVisibility: found \"SECRET\", accepted: one"
            + " of NAMESPACE, NONE, PUBLIC, VISIBILITY_UNSPECIFIED",
        "serviceEntryVisibility: {policies: [{visibility: PUBLIC, matchingRules: [{selector:"
            + " {}}]}]} | data.mesh.serviceEntryVisibility.policies[0].matchingRules[0].selector:"
            + " found an unknown field, accepted: one of namespaceSelector",
        "serviceScopeConfigs: [{scope: ALL}] | data.mesh.serviceScopeConfigs[0].scope: found"
            + " \"ALL\", accepted: one of GLOBAL, LOCAL",
        "pathNormalization: {normalization: FULL} | data.mesh.pathNormalization.normalization:"
            + " found \"FULL\", accepted: one of BASE, DECODE_AND_MERGE_SLASHES, DEFAULT,"
            + " MERGE_SLASHES, NONE",
        "protocolDetectionTimeout: soon | data.mesh.protocolDetectionTimeout: found \"soon\","
            + " accepted: a duration of at least 1ms such as 500ms, 10s, 1m30s",
        "caCertificates: [{pem: x}] | data.mesh.caCertificates[0].pem: found no certificate,"
            + " accepted: certificates between BEGIN and END CERTIFICATE"
      })
  void a_mistake_refuses_the_configuration(String mesh, String wanted) {
    Decoded decoded = decode(mesh);

    assertThat(decoded).isInstanceOf(Decoded.Refused.class);
    assertThat(decoded.problems()).extracting(Problem::text).containsExactly(wanted);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "enablePrometheusMerge: true | data.mesh.enablePrometheusMerge: found a field that has no"
            + " effect",
        "accessLogFile: /var/log/x | data.mesh.accessLogFile: found",
        "caCertificates: [{spiffeBundleUrl: x}] | data.mesh.caCertificates[0].spiffeBundleUrl:"
            + " found a field that has no effect",
        "trustDomian: x | data.mesh.trustDomian: found an unknown field, accepted: one of"
            + " accessLogEncoding, accessLogFile, caCertificates, discoverySelectors,"
            + " pathNormalization, protocolDetectionTimeout, rootNamespace,"
            + " serviceEntryVisibility, serviceScopeConfigs, trustDomain, trustDomainAliases"
      })
  void what_has_no_effect_is_warned_of(String mesh, String warning) {
    Decoded decoded = decode(mesh);

    assertThat(decoded).isInstanceOf(Decoded.Accepted.class);
    assertThat(decoded.problems())
        .singleElement()
        .extracting(Problem::text)
        .asString()
        .startsWith(warning);
  }

  @Test
  void of_a_large_config_map_only_the_keys_that_count_are_kept() {
    var tree =
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "ConfigMap",
            "metadata",
            Map.of("name", "any", "namespace", "ns"),
            "data",
            Map.of("service", "s", "other", "x".repeat(100)));

    var read = (Decoded.Accepted) Decoder.decode(tree, new Origin("c.yaml", 1));

    assertThat(((ConfigMapObject) read.object()).data())
        .isEqualTo(Map.of("service", "s", "other", ""));
    assertThat(List.copyOf(read.problems())).isEmpty();
  }
}
