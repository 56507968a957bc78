package dev.kiri.controlplane.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.Kind;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The rules of a strategic merge patch; those of lists as k8s.io/api tags its fields.
class StrategicMergeTest {
  private static Map<?, ?> tree(String yaml) {
    return (Map<?, ?>) Objects.parse(yaml).getFirst();
  }

  private static String pod(String spec) {
    return "{spec: {template: {spec: " + spec + "}}}";
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{a: 1, b: {c: 2, d: 3}} | {b: {c: 4}} | {a: 1, b: {c: 4, d: 3}}",
        "{a: 1, b: 2} | {b: null} | {a: 1}",
        "{a: {b: 1}} | {a: {b: null}} | {a: {}}",
        "{a: [1, 2]} | {a: [3]} | {a: [3]}",
        "{a: 1} | {a: {b: {c: null, d: 2}}} | {a: {b: {d: 2}}}",
        "{a: {b: 1, c: 2}} | {a: {$patch: replace, d: 3}} | {a: {d: 3}}",
        "{a: {b: 1}, c: 2} | {a: {$patch: delete}} | {c: 2}",
        "{a: [1, 2, 3]} | {$deleteFromPrimitiveList/a: [2]} | {a: [1, 3]}",
        "{a: {b: 1, c: 2}} | {a: {$retainKeys: [c, d], d: 3}} | {a: {c: 2, d: 3}}",
        "{metadata: {finalizers: [x]}} | {metadata: {finalizers: [x, y]}} | {metadata: {finalizers:"
            + " [x, y]}}",
        "{a: 1} | {} | {a: 1}",
      })
  void mappings_are_merged_and_everything_else_is_replaced(
      String object, String patch, String merged) throws Exception {
    Map<?, ?> before = tree(object);

    assertThat(StrategicMerge.merge(Kind.SERVICE, before, tree(patch))).isEqualTo(tree(merged));
    assertThat(before).isEqualTo(tree(object));
  }

  @ParameterizedTest(name = "{0} with {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{containers: [{name: a, image: x}]} | {containers: [{name: a, tty: true}]} | {containers:"
            + " [{name: a, image: x, tty: true}]}",
        "{containers: [{name: a}]} | {containers: [{name: b}]} | {containers: [{name: a}, {name:"
            + " b}]}",
        "{containers: [{name: a}, {name: b}]} | {containers: [{name: a, $patch: delete}]} |"
            + " {containers: [{name: b}]}",
        "{containers: [{name: a}]} | {containers: [{$patch: replace}, {name: b}]} | {containers:"
            + " [{name: b}]}",
        "{containers: [{name: a, env: [{name: x, value: '1'}, {name: y}]}]} | {containers: [{name:"
            + " a, env: [{name: x, value: '2'}]}]} | {containers: [{name: a, env: [{name: x, value:"
            + " '2'}, {name: y}]}]}",
        "{containers: [{name: a, ports: [{containerPort: 1, name: p}]}]} | {containers: [{name: a,"
            + " ports: [{containerPort: 1, hostPort: 2}]}]} | {containers: [{name: a, ports:"
            + " [{containerPort: 1, name: p, hostPort: 2}]}]}",
        "{containers: [{name: a, volumeMounts: [{mountPath: /x, name: v}]}]} | {containers: [{name:"
            + " a, volumeMounts: [{mountPath: /y, name: w}]}]} | {containers: [{name: a,"
            + " volumeMounts: [{mountPath: /x, name: v}, {mountPath: /y, name: w}]}]}",
        "{containers: [{name: a, args: [x]}]} | {containers: [{name: a, args: [y]}]} | {containers:"
            + " [{name: a, args: [y]}]}",
        "{volumes: [{name: a, emptyDir: {}}]} | {volumes: [{name: a, $retainKeys: [name, hostPath],"
            + " hostPath: {path: /p}}]} | {volumes: [{name: a, hostPath: {path: /p}}]}",
        "{tolerations: [{key: a}]} | {tolerations: [{key: b}]} | {tolerations: [{key: b}]}",
        "{topologySpreadConstraints: [{topologyKey: z, maxSkew: 1}]} | {topologySpreadConstraints:"
            + " [{topologyKey: z, maxSkew: 2}]} | {topologySpreadConstraints: [{topologyKey: z,"
            + " maxSkew: 2}]}",
        "{hostAliases: [{ip: 1.1.1.1}]} | {hostAliases: [{ip: 2.2.2.2}]} | {hostAliases: [{ip:"
            + " 1.1.1.1}, {ip: 2.2.2.2}]}",
      })
  void lists_of_a_pod_are_merged_by_the_key_that_the_api_names(
      String spec, String patch, String merged) throws Exception {
    assertThat(StrategicMerge.merge(Kind.DEPLOYMENT, tree(pod(spec)), tree(pod(patch))))
        .isEqualTo(tree(pod(merged)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "SERVICE | {spec: {ports: [{port: 1, name: a}]}} | {spec: {ports: [{port: 1, nodePort:"
            + " 2}]}} | {spec: {ports: [{port: 1, name: a, nodePort: 2}]}}",
        "SERVICE_ACCOUNT | {secrets: [{name: a}]} | {secrets: [{name: b}]} | {secrets: [{name: a},"
            + " {name: b}]}",
        "SERVICE_ACCOUNT | {imagePullSecrets: [{name: a}]} | {imagePullSecrets: [{name: b}]} |"
            + " {imagePullSecrets: [{name: b}]}",
        "HORIZONTAL_POD_AUTOSCALER | {spec: {metrics: [{type: a}]}} | {spec: {metrics: [{type:"
            + " b}]}} | {spec: {metrics: [{type: b}]}}",
      })
  void other_kinds_have_lists_of_their_own(Kind kind, String object, String patch, String merged)
      throws Exception {
    assertThat(StrategicMerge.merge(kind, tree(object), tree(patch))).isEqualTo(tree(merged));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{a: {$patch: rename}} | a.$patch: found rename, accepted: merge, replace or delete",
        "{spec: {template: {spec: {containers: [{image: x}]}}}} | spec.template.spec.containers[0]:"
            + " found no name, accepted: an entry with name",
        "{spec: {template: {spec: {containers: [x]}}}} | spec.template.spec.containers[0]: found x,"
            + " accepted: a mapping",
        "{a: {$setElementOrder/b: [x]}} | a: found $setElementOrder/b, accepted: $patch (merge,"
            + " replace or delete), $deleteFromPrimitiveList or $retainKeys",
        "{$deleteFromPrimitiveList/a: x} | $deleteFromPrimitiveList/a: found x, accepted: a list",
      })
  void a_patch_that_means_nothing_names_path_finding_and_remedy(String patch, String problem) {
    assertThatThrownBy(() -> StrategicMerge.merge(Kind.DEPLOYMENT, Map.of(), tree(patch)))
        .hasMessage(problem);
  }
}
