package dev.kiri.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private final Results results = new Results();

  @Test
  void compare_within_a_block_and_give_the_median_of_the_ratios() {
    block(10, 5);
    block(20, 8);
    block(40, 4);

    assertThat(results.objects())
        .containsExactly(
            Map.of(
                "metric",
                "T1",
                "variant",
                "direct",
                "unit",
                "Gbit/s",
                "samples",
                List.of(10.0, 20.0, 40.0)),
            Map.of(
                "metric",
                "T1",
                "variant",
                "mesh",
                "unit",
                "Gbit/s",
                "samples",
                List.of(5.0, 8.0, 4.0),
                "ratio_to_direct",
                0.4));
  }

  @Test
  void show_median_least_and_most() {
    block(10, 5);
    block(20, 8);
    results.add("M0", Variant.MESH, "MB", 80);

    assertThat(results.markdown())
        .isEqualTo(
            """
            | Metric | Unit | direct | mesh | mesh / direct |
            |---|---|---|---|---|
            | T1 | Gbit/s | 15.0 (10.0-20.0) | 6.50 (5.00-8.00) | 0.45 |
            | M0 | MB |  | 80.0 |  |
            """);
  }

  @Test
  void show_a_peer_beside_the_mesh_when_one_was_measured() {
    block(10, 5);
    results.add("T1", Variant.PEER, "Gbit/s", 4);

    assertThat(results.markdown())
        .isEqualTo(
            """
            | Metric | Unit | direct | mesh | mesh / direct | peer | peer / direct | mesh / peer |
            |---|---|---|---|---|---|---|---|
            | T1 | Gbit/s | 10.0 | 5.00 | 0.50 | 4.00 | 0.40 | 1.25 |
            """);
  }

  @Test
  void show_a_waypoint_and_its_peer_where_those_were_measured() {
    results.add("RQ1", Variant.DIRECT, "requests/s", 10);
    results.add("RQ1", Variant.WAYPOINT, "requests/s", 6);
    results.add("RQ1", Variant.ENVOY, "requests/s", 4);

    assertThat(results.markdown())
        .isEqualTo(
            """
            | Metric | Unit | direct | waypoint | waypoint / direct | envoy | envoy / direct | waypoint / envoy |
            |---|---|---|---|---|---|---|---|
            | RQ1 | requests/s | 10.0 | 6.00 | 0.60 | 4.00 | 0.40 | 1.50 |
            """);
    assertThat(results.objects().get(1))
        .containsEntry("variant", "waypoint")
        .containsEntry("ratio_to_peer", 1.5);
    assertThat(results.objects().get(2)).doesNotContainKey("ratio_to_peer");
  }

  @Test
  void name_the_suite_of_a_server_hello_among_other_bytes() {
    var packets = new byte[200];
    var head = new byte[] {0x16, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3};
    System.arraycopy(head, 0, packets, 40, head.length);
    int session = 40 + head.length + 32;
    packets[session] = 32;
    packets[session + 33] = 0x13;
    packets[session + 34] = 0x02;

    assertThat(CipherSuite.named(packets)).isEqualTo("TLS_AES_256_GCM_SHA384");
    assertThat(CipherSuite.named(new byte[100])).startsWith("unknown");
  }

  private void block(double direct, double mesh) {
    results.add("T1", Variant.DIRECT, "Gbit/s", direct);
    results.add("T1", Variant.MESH, "Gbit/s", mesh);
  }
}
