package dev.kiri.local.demo;

import dev.kiri.local.demo.TrafficSteps.Observed;
import java.time.Duration;

/// The step about what breaks when a part of the mesh does.
final class FaultSteps {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Shop shop;

  FaultSteps(Shop shop) {
    this.shop = shop;
  }

  /// 7. The waypoint, a ztunnel and the control plane are killed, one after the other.
  Observed kills() {
    var waypoint = kill("shop", shop.pod("shop", "waypoint"), "http://catalog/", "2");
    var ztunnel = kill("istio-system", "ztunnel-node-2", "http://orders/", "2");
    var plane = kill("istio-system", shop.pod("istio-system", "istiod"), "http://catalog/", "10");
    boolean ok = waypoint.healed() && ztunnel.healed() && plane.healed() && plane.failed() == 0;
    return new Observed(
        ok,
        "waypoint: " + waypoint + "; ztunnel of node-2: " + ztunnel + "; control plane: " + plane);
  }

  /// What traffic felt of one kill.
  record Outage(int asked, int failed, long millis, boolean healed) {
    @Override
    public String toString() {
      if (!healed) {
        return "did not come back in "
            + PATIENCE.toSeconds()
            + " s, "
            + failed
            + " of "
            + asked
            + " requests failed";
      }
      return failed == 0
          ? "none of " + asked + " requests failed"
          : failed + " of " + asked + " requests failed, for " + millis + " ms";
    }
  }

  /// @param patience seconds after which a request counts as failed
  private Outage kill(String namespace, String pod, String url, String patience) {
    shop.crash(namespace, pod);
    long begin = System.nanoTime();
    long lastFailure = begin;
    int asked = 0;
    int failed = 0;
    int inARow = 0;
    while (System.nanoTime() - begin < PATIENCE.toNanos()) {
      boolean answered = shop.curl("shop", "web", "-m", patience, url).text().startsWith("200");
      asked++;
      if (answered) {
        inARow++;
      } else {
        inARow = 0;
        failed++;
        lastFailure = System.nanoTime();
      }
      boolean watchedLongEnough = System.nanoTime() - begin > Duration.ofMillis(1200).toNanos();
      if (inARow >= 5 && watchedLongEnough && comesBack(namespace, pod)) {
        return new Outage(asked, failed, (lastFailure - begin) / 1_000_000, true);
      }
      Shop.pause(20);
    }
    return new Outage(asked, failed, (lastFailure - begin) / 1_000_000, false);
  }

  /// True when the killed part itself is ready again.
  private boolean comesBack(String namespace, String pod) {
    return shop.mesh().objects("Pod", namespace).stream()
        .filter(p -> p.name().equals(pod))
        .anyMatch(dev.kiri.local.workload.Pods::isReady);
  }
}
