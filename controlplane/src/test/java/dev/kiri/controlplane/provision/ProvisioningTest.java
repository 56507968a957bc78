package dev.kiri.controlplane.provision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.controlplane.index.MeshIndex;
import dev.kiri.controlplane.index.MeshSettings;
import dev.kiri.controlplane.index.Objects;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProvisioningTest {
  private final MeshIndex index = new MeshIndex(MeshSettings.standard());
  private final Provisioning provisioning = new Provisioning(index, "first");

  /// The root certificate that a namespace is to have; null for none.
  private Object root(String namespace) {
    var wanted = provisioning.wanted().getLast().rows().get(namespace);
    return wanted == null
        ? null
        : wanted
            .objects()
            .get(new ObjectKey(Kind.CONFIG_MAP, namespace, Provisioning.ROOT_CERTIFICATE))
            .get("data");
  }

  @Test
  void every_namespace_gets_the_root_and_another_root_when_there_is_one() {
    index.apply(
        Objects.puts(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            {apiVersion: v1, kind: Namespace, metadata: {name: kube-public}}
            """));
    assertThat(root("shop")).isEqualTo(Map.of("root-cert.pem", "first"));
    assertThat(root("kube-public")).isNull();

    provisioning.distribute("second");
    index.apply(List.of());
    assertThat(root("shop")).isEqualTo(Map.of("root-cert.pem", "second"));
  }

  @Test
  void a_root_that_was_replaced_before_it_was_seen_is_wanted_again() {
    List<Object> told = new ArrayList<>();
    provisioning.wanted().getLast().onChange(told::addAll);
    index.apply(Objects.puts("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"));
    assertThat(told).hasSize(1);

    index.apply(
        Objects.puts(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace:"
                + " shop}, data: {root-cert.pem: forged}}"));
    assertThat(told).hasSize(2);
  }
}
