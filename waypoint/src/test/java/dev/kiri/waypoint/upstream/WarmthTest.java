package dev.kiri.waypoint.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kiri.mesh.workload.WorkloadBuilder;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// New endpoints get less for a while (waypoint reference 14.2). Time is the test's.
class WarmthTest {
  private static final long SECOND = 1_000_000_000L;

  private final Warmth warmth = new Warmth();

  private static Target target(String uid) {
    return new Target(
        new WorkloadBuilder(uid).build(),
        new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString("192.0.2.1"), 80),
        false);
  }

  private static final Target OLD = target("old");
  private static final Target NEW = target("new");

  @ParameterizedTest
  @CsvSource({
    "0,   1, 0.10",
    "50,  1, 0.50",
    "99,  1, 0.99",
    "100, 1, 1",
    "25,  2, 0.50",
    "5,   1, 0.10",
  })
  void the_share_of_a_new_endpoint_grows_to_the_whole(
      int seconds, double aggression, double share) {
    Warmth.Rules rules = new Warmth.Rules(Duration.ofSeconds(100), 0.1, aggression);
    warmth.seen(List.of(OLD), -SECOND);
    warmth.seen(List.of(OLD, NEW), 0);

    assertThat(warmth.share(NEW, rules, seconds * SECOND)).isCloseTo(share, within(1e-9));
    assertThat(warmth.share(OLD, rules, seconds * SECOND)).as("the first are not new").isEqualTo(1);
  }

  @Test
  void an_endpoint_that_comes_back_is_new_again() {
    Warmth.Rules rules = new Warmth.Rules(Duration.ofSeconds(100), 0.1, 1);
    warmth.seen(List.of(OLD, NEW), 0);
    assertThat(warmth.share(NEW, rules, 0)).isEqualTo(1);

    warmth.back(NEW, 30 * SECOND);
    assertThat(warmth.share(NEW, rules, 80 * SECOND)).isCloseTo(0.5, within(1e-9));

    warmth.seen(List.of(OLD), 200 * SECOND);
    warmth.seen(List.of(OLD, NEW), 300 * SECOND);
    assertThat(warmth.share(NEW, rules, 350 * SECOND)).isCloseTo(0.5, within(1e-9));
  }
}
