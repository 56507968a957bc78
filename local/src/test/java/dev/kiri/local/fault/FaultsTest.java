package dev.kiri.local.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kiri.local.network.Topology;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultsTest {
  @Test
  void cuts_off_a_node_and_its_pods() {
    var script = Faults.partitionScript(new Topology(List.of("node-1", "node-2")), 2);

    assertThat(script).contains("forward ip daddr { 172.30.0.12, 10.244.2.0/24 } drop");
  }

  @Test
  void understands_a_share_only() {
    assertThat(Faults.lossScript("10%")).contains("mod 100 < 10 drop");
    assertThatThrownBy(() -> Faults.lossScript("a lot"))
        .hasMessageContaining("accepted: 0% to 100%");
  }
}
