package dev.kiri.ztunnel.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.GatewayAddress;
import dev.kiri.mesh.workload.IpFamilies;
import dev.kiri.mesh.workload.PortMap;
import dev.kiri.mesh.workload.Service;
import dev.kiri.mesh.workload.ServiceKey;
import dev.kiri.mesh.workload.Visibility;
import dev.kiri.mesh.workload.WeightedWaypoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaypointChoiceTest {
  private static final GatewayAddress FALLBACK = waypoint("fallback");
  private static final GatewayAddress FIRST = waypoint("first");
  private static final GatewayAddress SECOND = waypoint("second");

  private static GatewayAddress waypoint(String name) {
    return new GatewayAddress.ByHostname(new ServiceKey("ns", name), 15008);
  }

  private static Service service(@Nullable GatewayAddress waypoint, long... weights) {
    var weighted = new ArrayList<WeightedWaypoint>();
    for (int i = 0; i < weights.length; i++) {
      weighted.add(new WeightedWaypoint(i == 0 ? FIRST : SECOND, weights[i]));
    }
    return new Service(
        "web",
        "ns",
        "web.ns.svc.cluster.local",
        List.of(),
        List.of(),
        PortMap.empty(),
        List.of(),
        waypoint,
        weighted,
        null,
        IpFamilies.AUTOMATIC,
        true,
        Visibility.PUBLIC);
  }

  private static double shareOfFirst(Service service) {
    var random = new Random(11);
    int first = 0;
    for (int i = 0; i < 10_000; i++) {
      first += FIRST.equals(WaypointChoice.of(service, random)) ? 1 : 0;
    }
    return first / 10_000.0;
  }

  @Test
  void without_any_there_is_none() {
    assertThat(WaypointChoice.of(service(null), new Random(1))).isNull();
  }

  @Test
  void without_weights_the_single_one_stands() {
    assertThat(WaypointChoice.of(service(FALLBACK), new Random(1))).isEqualTo(FALLBACK);
    assertThat(WaypointChoice.of(service(FALLBACK, 0, 0), new Random(1))).isEqualTo(FALLBACK);
  }

  @Test
  void weight_zero_never_takes_a_connection() {
    assertThat(shareOfFirst(service(FALLBACK, 100, 0))).isEqualTo(1);
    assertThat(shareOfFirst(service(FALLBACK, 0, 100))).isZero();
  }

  @Test
  void connections_are_shared_by_weight() {
    assertThat(shareOfFirst(service(FALLBACK, 75, 25))).isBetween(0.70, 0.80);
  }

  @Test
  void weights_of_32_bits_do_not_overflow() {
    assertThat(shareOfFirst(service(FALLBACK, 0xffff_ffffL, 0xffff_ffffL))).isBetween(0.45, 0.55);
  }
}
