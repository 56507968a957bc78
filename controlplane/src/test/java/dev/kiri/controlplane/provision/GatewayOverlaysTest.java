package dev.kiri.controlplane.provision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.kinds.Yaml;
import dev.kiri.controlplane.source.ObjectChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What users lay over the objects of a waypoint (controlplane.md 9.6).
class GatewayOverlaysTest {
  private static final String GATEWAY =
      "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: w, namespace: ns,"
          + " uid: u}, spec: {gatewayClassName: kiri-waypoint, listeners: [{name: mesh, port:"
          + " 15008, protocol: HBONE}], infrastructure: {parametersRef: {group: '', kind:"
          + " ConfigMap, name: w-options}}}}";

  private final MeshIndex index = new MeshIndex(MeshSettings.standard());
  private final Provisioning provisioning = new Provisioning(index, "root");

  private void put(String... documents) {
    index.apply(Objects.puts(documents));
  }

  private static String options(String namespace, String name, String meta, String data) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: %s, namespace: %s%s}
    data:
      %s
    """
        .formatted(name, namespace, meta, data);
  }

  private static String options(String data) {
    return options("ns", "w-options", "", data);
  }

  private Map<ObjectKey, Map<String, Object>> wanted() {
    var row = provisioning.wanted().getFirst().rows().get("ns/w");
    return row == null ? Map.of() : row.objects();
  }

  private Object at(Kind kind, String... path) {
    Object value = wanted().get(new ObjectKey(kind, "ns", "w"));
    for (String name : path) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return value;
  }

  private List<ObjectKey> leftOver() {
    List<ObjectKey> all = new ArrayList<>();
    provisioning.leftOver().forEach(table -> all.addAll(table.rows().values()));
    return all;
  }

  /// What is on the server of what is wanted.
  private void made() {
    wanted().values().forEach(tree -> put(Yaml.write(tree)));
  }

  private String problem() {
    GatewayOverlays overlays = new GatewayOverlays(index.objects(), index.settings());
    String[] found = new String[1];
    index
        .graph()
        .derive(
            "problem",
            index.objects().gateways,
            (_, gateway, reader) -> found[0] = overlays.problem(gateway, reader));
    put(GATEWAY);
    return found[0];
  }

  @Test
  void a_deployment_has_what_is_laid_over_it_and_keeps_the_rest() {
    put(
        GATEWAY,
        options(
            "deployment: '{spec: {replicas: 3, template: {spec: {priorityClassName: high}}}}'"));

    assertThat(at(Kind.DEPLOYMENT, "spec", "replicas")).isEqualTo(3);
    assertThat(at(Kind.DEPLOYMENT, "spec", "template", "spec", "priorityClassName"))
        .isEqualTo("high");
    assertThat(at(Kind.DEPLOYMENT, "spec", "template", "spec", "serviceAccountName"))
        .isEqualTo("w");
  }

  @Test
  void a_change_of_the_options_is_a_change_of_the_objects() {
    put(GATEWAY, options("deployment: '{spec: {replicas: 3}}'"));
    put(options("deployment: '{spec: {replicas: 4}}'"));

    assertThat(at(Kind.DEPLOYMENT, "spec", "replicas")).isEqualTo(4);
  }

  @Test
  void the_class_comes_first_then_its_defaults_of_which_the_oldest_count_then_the_gateway() {
    put(
        "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name:"
            + " kiri-waypoint}, spec: {controllerName: kiri.dev/mesh-controller, parametersRef:"
            + " {group: '', kind: ConfigMap, namespace: infra, name: class}}}",
        options(
            "infra",
            "class",
            "",
            "deployment: '{spec: {replicas: 1, minReadySeconds: 1, paused: true}}'"),
        options(
            "istio-system",
            "younger",
            ", creationTimestamp: \"2026-02-01T00:00:00Z\", labels:"
                + " {gateway.istio.io/defaults-for-class: kiri-waypoint}",
            "deployment: '{spec: {replicas: 9, minReadySeconds: 9}}'"),
        options(
            "istio-system",
            "older",
            ", creationTimestamp: \"2026-01-01T00:00:00Z\", labels:"
                + " {gateway.istio.io/defaults-for-class: kiri-waypoint}",
            "deployment: '{spec: {replicas: 2, minReadySeconds: 2}}'"),
        options(
            "other",
            "elsewhere",
            ", labels: {gateway.istio.io/defaults-for-class: kiri-waypoint}",
            "deployment: '{spec: {replicas: 8}}'"),
        options("deployment: '{spec: {replicas: 3}}'"),
        GATEWAY);

    assertThat(at(Kind.DEPLOYMENT, "spec", "replicas")).isEqualTo(3);
    assertThat(at(Kind.DEPLOYMENT, "spec", "minReadySeconds")).isEqualTo(2);
    assertThat(at(Kind.DEPLOYMENT, "spec", "paused")).isEqualTo(true);
  }

  @Test
  void an_autoscaler_and_a_budget_are_there_only_where_they_are_asked_for() {
    put(GATEWAY, options("service: '{spec: {type: LoadBalancer}}'"));
    assertThat(wanted().keySet())
        .containsExactly(
            new ObjectKey(Kind.SERVICE_ACCOUNT, "ns", "w"),
            new ObjectKey(Kind.SERVICE, "ns", "w"),
            new ObjectKey(Kind.DEPLOYMENT, "ns", "w"));
    assertThat(at(Kind.SERVICE, "spec", "type")).isEqualTo("LoadBalancer");

    put(
        options(
            """
            horizontalPodAutoscaler: '{spec: {minReplicas: 2, maxReplicas: 5}}'
              podDisruptionBudget: '{spec: {minAvailable: 1}}'
            """));
    assertThat(at(Kind.HORIZONTAL_POD_AUTOSCALER, "spec"))
        .isEqualTo(
            Map.of(
                "minReplicas",
                2,
                "maxReplicas",
                5,
                "scaleTargetRef",
                Map.of("apiVersion", "apps/v1", "kind", "Deployment", "name", "w")));
    assertThat(at(Kind.POD_DISRUPTION_BUDGET, "spec"))
        .isEqualTo(
            Map.of(
                "minAvailable",
                1,
                "selector",
                Map.of("matchLabels", Map.of("gateway.networking.k8s.io/gateway-name", "w"))));
  }

  @Test
  void what_is_asked_for_no_longer_goes() {
    put(GATEWAY, options("podDisruptionBudget: '{spec: {minAvailable: 1}}'"));
    made();
    assertThat(leftOver()).isEmpty();

    put(options("deployment: '{}'"));

    assertThat(leftOver()).containsExactly(new ObjectKey(Kind.POD_DISRUPTION_BUDGET, "ns", "w"));
  }

  @Test
  void while_something_is_wrong_everything_stays_as_it_is() {
    put(GATEWAY, options("podDisruptionBudget: '{spec: {minAvailable: 1}}'"));
    made();

    put(options("deploymnet: '{}'"));
    assertThat(wanted()).isEmpty();
    assertThat(leftOver()).isEmpty();

    index.apply(List.of(new ObjectChange.Gone(new ObjectKey(Kind.CONFIG_MAP, "ns", "w-options"))));
    assertThat(wanted()).isEmpty();
    assertThat(leftOver()).isEmpty();
  }

  @Test
  void the_labels_that_mark_an_object_as_ours_stay() {
    put(
        GATEWAY,
        options(
            "service: '{metadata: {labels: {gateway.istio.io/managed: x, team: a,"
                + " gateway.networking.k8s.io/gateway-name: null}}}'"));

    assertThat((Map<?, ?>) at(Kind.SERVICE, "metadata", "labels"))
        .isEqualTo(
            Map.of(
                "gateway.istio.io/managed", "istio.io-mesh-controller",
                "gateway.networking.k8s.io/gateway-name", "w",
                "gateway.networking.k8s.io/gateway-class-name", "kiri-waypoint",
                "team", "a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "deploymnet: '{}' | ConfigMap ns/w-options data.deploymnet: found an unknown key, accepted:"
            + " one of deployment, horizontalPodAutoscaler, podDisruptionBudget, service,"
            + " serviceAccount",
        "service: '{metadata: {name: x}}' | ConfigMap ns/w-options data.service: illegal metadata"
            + " change: metadata.name: found x, accepted: w",
        "service: '{metadata: {namespace: x}}' | ConfigMap ns/w-options data.service: illegal"
            + " metadata change: metadata.namespace: found x, accepted: ns",
        "service: '{metadata: {finalizers: [x]}}' | ConfigMap ns/w-options data.service: illegal"
            + " metadata change: metadata.finalizers: found [x], accepted: null",
        "service: '{metadata: {ownerReferences: null}}' | ConfigMap ns/w-options data.service:"
            + " illegal metadata change: metadata.ownerReferences: found null, accepted:"
            + " [{apiVersion=gateway.networking.k8s.io/v1, kind=Gateway, name=w, uid=u}]",
        "service: '{kind: Pod}' | ConfigMap ns/w-options data.service: illegal change: kind: found"
            + " Pod, accepted: Service",
        "service: '[]' | ConfigMap ns/w-options data.service: found no mapping, accepted: one"
            + " mapping, a strategic merge patch",
        "service: '{' | ConfigMap ns/w-options data.service: found no YAML (line 1 column 2:"
            + " expected the node content, but found '<stream end>'), accepted: one mapping",
        "deployment: '{spec: {template: {spec: {containers: [{image: x}]}}}}' | ConfigMap"
            + " ns/w-options data.deployment: spec.template.spec.containers[0]: found no name,"
            + " accepted: an entry with name",
        "deployment: '{$patch: delete}' | ConfigMap ns/w-options data.deployment: illegal change:"
            + " apiVersion: found null, accepted: apps/v1",
        "deployment: '' | ",
        "podDisruptionBudget: '{spec: {minAvailable: 1}}' | ",
      })
  void what_cannot_be_laid_over_names_map_key_finding_and_remedy(String data, String problem) {
    put(options(data));

    assertThat(problem()).isEqualTo(problem);
  }
}
