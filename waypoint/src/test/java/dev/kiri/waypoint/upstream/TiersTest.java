package dev.kiri.waypoint.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kiri.mesh.workload.LoadBalancing;
import dev.kiri.mesh.workload.LoadBalancing.Scope;
import dev.kiri.mesh.workload.Locality;
import dev.kiri.mesh.workload.WorkloadBuilder;
import dev.kiri.waypoint.upstream.LocalityRules.Area;
import dev.kiri.waypoint.upstream.LocalityRules.Distribution;
import dev.kiri.waypoint.upstream.LocalityRules.Share;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Endpoints by where they run (waypoint reference 14.4). The proxy is in `r1/z1/s1`.
class TiersTest {
  private static final Place HERE = new Place(new Locality("r1", "z1", "s1"), "node", "c", "net");

  private static Target at(String place) {
    String[] parts = place.split("/");
    return new Target(
        new WorkloadBuilder(place)
            .name("ns", place)
            .locality(new Locality(parts[0], parts[1], parts[2]))
            .build(),
        new java.net.InetSocketAddress(
            NetUtil.createInetAddressFromIpAddressString("192.0.2.1"), 80),
        false);
  }

  private static List<Target> at(String... places) {
    List<Target> targets = new ArrayList<>();
    for (String place : places) {
      targets.add(at(place));
    }
    return targets;
  }

  private static LocalityRules rules(Map<String, String> failover, Scope... priorities) {
    return new LocalityRules(false, List.of(), failover, List.of(priorities));
  }

  private static List<List<String>> tiers(
      List<Target> targets, @Nullable LocalityRules rules, boolean failsOver) {
    return Tiers.of(targets, LoadBalancing.PLAIN, rules, failsOver, HERE).tiers().stream()
        .map(tier -> tier.targets().stream().map(t -> t.workload().uid()).toList())
        .toList();
  }

  private static final String[] EVERYWHERE = {
    "r2/z1/s1", "r1/z1/s1", "r1/z2/s1", "r1/z1/s2", "r3/z1/s1"
  };

  @Test
  void the_nearest_come_first_where_endpoints_are_left_out_for_failures_and_only_there() {
    assertThat(tiers(at(EVERYWHERE), null, true))
        .containsExactly(
            List.of("r1/z1/s1"),
            List.of("r1/z1/s2"),
            List.of("r1/z2/s1"),
            List.of("r2/z1/s1", "r3/z1/s1"));
    assertThat(tiers(at(EVERYWHERE), null, false)).hasSize(1);
    assertThat(tiers(at(EVERYWHERE), rules(Map.of()), false)).hasSize(1);
    assertThat(tiers(at(EVERYWHERE), new LocalityRules(true, List.of(), Map.of(), List.of()), true))
        .hasSize(1);
  }

  @Test
  void another_region_than_the_one_that_comes_next_is_further_away() {
    assertThat(tiers(at("r2/z1/s1", "r3/z1/s1"), rules(Map.of("r1", "r3")), true))
        .containsExactly(List.of("r3/z1/s1"), List.of("r2/z1/s1"));
    assertThat(tiers(at("r2/z1/s1", "r3/z1/s1"), rules(Map.of("r9", "r3")), true)).hasSize(1);
  }

  @Test
  void priorities_count_until_the_first_that_does_not_hold() {
    assertThat(tiers(at(EVERYWHERE), rules(Map.of(), Scope.ZONE, Scope.REGION), true))
        .containsExactly(
            List.of("r1/z1/s1", "r1/z1/s2"), List.of("r2/z1/s1", "r3/z1/s1"), List.of("r1/z2/s1"));
  }

  @Test
  void a_service_that_prefers_what_is_near_says_less_than_the_policy() {
    LoadBalancing near =
        new LoadBalancing(
            List.of(Scope.REGION),
            LoadBalancing.Mode.FAILOVER,
            LoadBalancing.HealthPolicy.ONLY_HEALTHY);
    List<Target> targets = at("r1/z1/s1", "r2/z1/s1");

    assertThat(Tiers.of(targets, near, null, false, HERE).tiers()).hasSize(2);
    LocalityRules off = new LocalityRules(true, List.of(), Map.of(), List.of());
    assertThat(Tiers.of(targets, near, off, false, HERE).tiers()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    // healthy of ten in the first group, share in percent that stays there
    "10, 100",
    "8,  100",
    "7,  98",
    "5,  70",
    "0,  0",
  })
  void what_the_nearest_cannot_take_goes_to_the_next(int healthy, int percent) {
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      targets.add(at("r1/z1/s1"));
    }
    targets.add(at("r2/z1/s1"));
    Tiers tiers = Tiers.of(targets, LoadBalancing.PLAIN, null, true, HERE);

    int near = 0;
    for (int i = 0; i < 100; i++) {
      List<Target> chosen =
          tiers.pick(all -> all.size() == 10 ? all.subList(0, healthy) : all, (i + 0.5) / 100);
      near += chosen.getFirst().workload().uid().equals("r1/z1/s1") ? 1 : 0;
    }
    assertThat(near).isEqualTo(percent);
  }

  @Test
  void with_nobody_healthy_anywhere_there_is_none() {
    Tiers tiers = Tiers.of(at(EVERYWHERE), LoadBalancing.PLAIN, null, true, HERE);

    assertThat(tiers.pick(_ -> List.of(), 0.5)).isEmpty();
  }

  @Test
  void shares_are_those_of_the_first_distribution_from_here_and_others_get_nothing() {
    LocalityRules rules =
        new LocalityRules(
            false,
            List.of(
                new Distribution(Area.parse("r9/*"), List.of(new Share(Area.parse("r3"), 100))),
                new Distribution(
                    Area.parse("r1/z1/*"),
                    List.of(
                        new Share(Area.parse("r1/z1"), 70),
                        new Share(Area.parse("r2/*"), 30),
                        new Share(Area.parse("r7/*"), 0)))),
            Map.of(),
            List.of());
    Tiers tiers = Tiers.of(at(EVERYWHERE), LoadBalancing.PLAIN, rules, false, HERE);

    Map<String, Integer> count = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      List<Target> chosen = tiers.pick(all -> all, (i + 0.5) / 100);
      count.merge(chosen.toString() + chosen.size(), 1, Integer::sum);
      assertThat(chosen).extracting(t -> t.workload().uid()).doesNotContain("r1/z2/s1", "r3/z1/s1");
    }
    assertThat(count.values()).containsExactlyInAnyOrder(70, 30);
  }
}
