package dev.kiri.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopologyTest {
  private final Topology topology = new Topology(List.of("node-1", "node-2"));

  @Test
  void gives_each_node_a_range_of_its_own() {
    assertThat(topology.podRange(2)).isEqualTo("10.244.2.0/24");
    assertThat(topology.podRange6(2)).isEqualTo("fd00:10:244:2::/64");
    assertThat(topology.podNetwork(2).pod(17).all())
        .containsExactly("10.244.2.17", "fd00:10:244:2::11");
  }

  @Test
  void knows_which_addresses_pods_may_ask_for() {
    assertThat(Topology.outside().numberOf("203.0.113.9")).contains(9);
    assertThat(Topology.outside().numberOf("203.0.113.1")).isEmpty();
    assertThat(Topology.outside().numberOf("203.0.113.255")).isEmpty();
    assertThat(Topology.outside().numberOf("198.51.100.9")).isEmpty();
    assertThat(Topology.outside().numberOf("203.0.113.x")).isEmpty();
  }

  @Test
  void pods_keep_to_their_router_even_when_it_offers_a_shorter_way() {
    assertThat(FabricScripts.pod(topology.podNetwork(1).pod(2)))
        .contains("echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_redirects");
  }

  @Test
  void a_gateway_keeps_its_hardware_address_whichever_pods_come_and_go() {
    assertThat(FabricScripts.node(topology, "node-2").ip())
        .contains("link add pods address 0a:58:0a:f4:02:01 type bridge\n");
    assertThat(FabricScripts.router(topology).ip())
        .contains("link add pods address 0a:58:cb:00:71:01 type bridge\n");
  }

  @Test
  void an_address_that_is_used_again_brings_its_hardware_address() {
    assertThat(FabricScripts.podPort("p7", 4711, topology.podNetwork(1).pod(200)))
        .contains("link add p7 type veth peer name eth0 address 0a:58:0a:f4:01:c8 netns 4711\n");
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "fd00:0:0:0:0:0:0:1, fd00::1",
    "::, ::",
    "192.0.2.1, 192.0.2.1"
  })
  void spells_addresses_the_short_way(String given, String spelled) {
    assertThat(Topology.canonical(given)).isEqualTo(spelled);
  }

  @Test
  void refuses_a_mesh_without_nodes() {
    assertThatThrownBy(() -> new Topology(List.of())).hasMessageContaining("accepted are 1 to 200");
  }

  @Test
  void routes_every_other_nodes_pods_through_that_node() {
    assertThat(FabricScripts.node(topology, "node-1").ip())
        .contains("route add 10.244.2.0/24 via 172.30.0.12")
        .doesNotContain("route add 10.244.1.0/24");
  }
}
