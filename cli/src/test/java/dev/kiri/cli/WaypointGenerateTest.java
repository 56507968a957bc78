package dev.kiri.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Texts and layouts of `istioctl/pkg/waypoint/waypoint.go`.
class WaypointGenerateTest {
  private final Cli cli = Cli.withoutMesh();

  @Test
  void prints_a_gateway_with_its_keys_in_order() {
    var result = cli.run("waypoint generate -n shop --for all -r canary");

    assertThat(result.out())
        .isEqualTo(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata:
              labels:
                istio.io/rev: canary
                istio.io/waypoint-for: all
              name: waypoint
              namespace: shop
            spec:
              gatewayClassName: kiri-waypoint
              listeners:
              - name: mesh
                port: 15008
                protocol: HBONE
            """);
    assertThat(result.code()).isZero();
  }

  @Test
  void leaves_out_what_was_not_asked_for() {
    var result = cli.run("waypoint generate --name edge --class istio-waypoint");

    assertThat(result.out())
        .contains("metadata:\n  name: edge\nspec:\n  gatewayClassName: istio-waypoint\n");
  }

  @Test
  void quotes_a_label_that_yaml_would_take_for_a_number() {
    assertThat(cli.run("waypoint generate -r 1.30").out()).contains("istio.io/rev: \"1.30\"\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --name none | invalid name provided for waypoint, 'none' is a reserved value
          --for pods  | invalid traffic type: pods. Valid options are: [all none service workload]
          """)
  void refuses_what_cannot_be_a_waypoint(String flags, String reason) {
    var result = cli.run("waypoint generate " + flags);

    assertThat(result.err()).isEqualTo("Error: failed to create gateway: " + reason + "\n");
    assertThat(result.out()).isEmpty();
    assertThat(result.code()).isEqualTo(1);
  }

  @Test
  void refuses_a_name_no_object_can_have() {
    var result = cli.run("waypoint generate --name My_Waypoint");

    assertThat(result.err()).contains("\"My_Waypoint\": accepted are up to 63 lower-case letters");
    assertThat(result.code()).isEqualTo(1);
  }
}
